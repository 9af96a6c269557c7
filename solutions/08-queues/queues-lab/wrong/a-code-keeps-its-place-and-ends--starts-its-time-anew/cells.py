# %% nbgrader={"grade_id": "issue-code", "solution": true}
def issue_code(key, code, seconds):
    """Keep the code under the key for so many seconds, and return True.

    If there is one already, leave it as it is, its end too, and return False.
    """
    with r.pipeline() as pipe:
        pipe.set(key, code, nx=True)
        pipe.expire(key, seconds)
        return bool(pipe.execute()[0])
