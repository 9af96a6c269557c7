# %% nbgrader={"grade_id": "handlers-for", "solution": true}
def handlers_for(names, heard):
    """A dictionary with a function for each name; called without arguments, it appends its name to the list `heard`."""
    return {name: heard.append(name) for name in names}
