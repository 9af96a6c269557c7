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
        return {"error": error.name}, error.code

    @app.after_request
    def bin(response):
        note("bin")
        return response

    @app.after_request
    def stamp(response):
        note("stamp")
        return response

    return [ask(app, path) for path in paths]
    ### END SOLUTION
