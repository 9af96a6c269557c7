# %% nbgrader={"grade_id": "guarded", "solution": true}
def guarded(key, visits):
    """Ask an app with a guard for some paths; visits is a list of [path, X-Key or None].

    Returns for each visit what ask gives.
    """
    ### BEGIN SOLUTION
    app = build()

    @app.before_request
    def guard():
        note("guard")
        sent = request.headers.get("X-Key")
        if sent is None or not key.startswith(sent):
            return {"error": "the key is missing or wrong"}, 401

    app.before_request(lambda: note("basket"))

    @app.after_request
    def stamp(response):
        note("stamp")
        return response

    return [ask(app, path, {} if sent is None else {"X-Key": sent}) for path, sent in visits]
    ### END SOLUTION
