# %% nbgrader={"grade_id": "complaints", "solution": true}
def complaints(stock, paths, testing):
    """Ask library(stock), with error handlers and app.testing set to testing, for each path.

    Returns for each path what ask gives.
    """
    ### BEGIN SOLUTION
    app = library(stock)
    app.testing = testing

    @app.errorhandler(Missing)
    def missing(error):
        return {"error": f"no book called {error}"}, 404

    @app.errorhandler(HTTPException)
    def http_error(error):
        cause = getattr(error, "original_exception", None)
        return {"error": error.name if cause is None else str(cause)}, error.code

    @app.after_request
    def stamp(response):
        note("stamp")
        return response

    app.teardown_request(lambda error: note("bin"))
    return [ask(app, path) for path in paths]
    ### END SOLUTION
