# %% nbgrader={"grade_id": "life", "solution": true}
def foresee(hooks, view):
    """The names of all hooks and of the view, in the order in which they will run.

    hooks is a list of [kind, name] in the order of registration; a kind is "before", "after" or "teardown".
    view is the name of the view, or None where the path has none.
    """
    ### BEGIN SOLUTION
    names = {"before": [], "after": [], "teardown": []}
    for kind, name in hooks:
        names[kind].append(name)
    views = [] if view is None else [view]
    return names["before"] + views + names["after"][::-1] + names["teardown"][::-1]
    ### END SOLUTION


def life(hooks, paths):
    """Build an app, register hooks that note their names, and ask for each path.

    hooks is a list as for foresee. Returns a list with the events of each path.
    """
    ### BEGIN SOLUTION
    app = build()
    app.testing = True
    for kind, name in hooks:
        hang(app, kind, name)
    return [ask(app, path)["events"] for path in paths]


def hang(app, kind, name):
    def after(response):
        note(name)
        return response

    if kind == "before":
        app.before_request(lambda: note(name))
    elif kind == "after":
        app.after_request(after)
    else:
        app.teardown_request(lambda error: note(name))
    ### END SOLUTION
