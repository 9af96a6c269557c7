# %% nbgrader={"grade_id": "option", "solution": true}
def option(name, query, settings, fallback):
    """JavaScript's query[name] ?? settings[name] ?? fallback: the first that is there and not None.

    0, False, "" and [] are values like any other: option("limit", {"limit": 0}, {"limit": 5}, 20) gives 0.
    """
    if query[name] is not None:
        return query[name]
    if settings[name] is not None:
        return settings[name]
    return fallback
