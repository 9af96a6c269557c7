# %% nbgrader={"grade_id": "first-visit", "solution": true}
def first_visit(key, visitor):
    """Put the visitor into the set under the key. True if they were not in it, else False."""
    if r.sismember(key, visitor):
        return False
    r.sadd(key, visitor)
    return True
