# %% nbgrader={"grade_id": "contexts", "solution": true}
def signs(texts):
    """What sign() says in the context of an app for each text, in order.

    At the end of the list comes what happens outside of all contexts: the name of the exception's class.
    """
    ### BEGIN SOLUTION
    found = []
    contexts = []
    for text in texts:
        app = build()
        app.config["SIGN"] = text
        contexts.append(app.app_context())
    for context in contexts:
        context.push()
    for _ in texts:
        found.append(sign())
    for context in reversed(contexts):
        context.pop()
    try:
        found.append(sign())
    except RuntimeError as error:
        found.append(type(error).__name__)
    return found
    ### END SOLUTION


def get_connection():
    """The Connection of this request: opened at the first call, the same one after that."""
    ### BEGIN SOLUTION
    if "connection" not in g:
        g.connection = Connection()
    return g.connection
    ### END SOLUTION


def connections(paths, testing):
    """Ask reading_app(), with app.testing set to testing, for each path; close what was opened.

    Returns a list with the events of each path.
    """
    ### BEGIN SOLUTION
    app = reading_app()
    app.testing = testing

    @app.teardown_appcontext
    def close(error):
        connection = g.pop("connection", None)
        if connection is not None:
            connection.close()

    return [ask(app, path)["events"] for path in paths]
    ### END SOLUTION
