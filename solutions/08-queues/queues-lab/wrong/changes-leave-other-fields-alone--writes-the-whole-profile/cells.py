# %% nbgrader={"grade_id": "change-profile", "solution": true}
def change_profile(key, changes):
    """Set each field of `changes` to its text; remove those whose value is None; leave all others alone.

    All at once or not at all. `changes` may be empty.
    """
    profile = r.hgetall(key) | changes
    profile = {field: value for field, value in profile.items() if value is not None}
    with r.pipeline() as pipe:
        pipe.delete(key)
        if profile:
            pipe.hset(key, mapping=profile)
        pipe.execute()
