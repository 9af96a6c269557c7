# %% nbgrader={"grade_id": "tagged", "solution": true}
def tagged(*tags, onto=[]):
    """A new list of the tags in `onto`, then `tags`: tagged("a", "b", onto=["x"]) gives ["x", "a", "b"].

    Without onto: only `tags`, at every call. The first line is a line-by-line port; you may change its default.
    """
    onto.extend(tags)
    return onto
