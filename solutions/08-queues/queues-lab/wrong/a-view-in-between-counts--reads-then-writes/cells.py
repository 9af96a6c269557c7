# %% nbgrader={"grade_id": "count-view", "solution": true}
def count_view(key):
    """Count one view more, and return the new number. None is lost, whoever else counts."""
    number = int(r.get(key) or 0) + 1
    r.set(key, number)
    return number
