# %% nbgrader={"grade_id": "handlers-for", "solution": true}
def handlers_for(names, heard):
    """A dictionary with a function for each name; called without arguments, it appends its name to the list `heard`."""
    handlers = {}
    for name in names:
        handlers[name] = lambda: heard.append(name)
    return handlers
