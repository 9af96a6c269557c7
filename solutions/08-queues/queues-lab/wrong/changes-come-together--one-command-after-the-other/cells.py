# %% nbgrader={"grade_id": "change-profile", "solution": true}
def change_profile(key, changes):
    """Set each field of `changes` to its text; remove those whose value is None; leave all others alone.

    All at once or not at all. `changes` may be empty.
    """
    values = {field: value for field, value in changes.items() if value is not None}
    gone = [field for field, value in changes.items() if value is None]
    if values:
        r.hset(key, mapping=values)
    if gone:
        r.hdel(key, *gone)
