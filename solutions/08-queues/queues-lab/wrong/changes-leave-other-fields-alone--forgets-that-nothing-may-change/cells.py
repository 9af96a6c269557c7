# %% nbgrader={"grade_id": "change-profile", "solution": true}
def change_profile(key, changes):
    """Set each field of `changes` to its text; remove those whose value is None; leave all others alone.

    All at once or not at all. `changes` may be empty.
    """
    with r.pipeline() as pipe:
        pipe.hset(key, mapping={field: value or "" for field, value in changes.items()})
        gone = [field for field, value in changes.items() if value is None]
        if gone:
            pipe.hdel(key, *gone)
        pipe.execute()
