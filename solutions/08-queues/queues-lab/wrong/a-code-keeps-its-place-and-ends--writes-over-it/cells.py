# %% nbgrader={"grade_id": "issue-code", "solution": true}
def issue_code(key, code, seconds):
    """Keep the code under the key for so many seconds, and return True.

    If there is one already, leave it as it is, its end too, and return False.
    """
    return bool(r.set(key, code, ex=seconds))
