# %% nbgrader={"grade_id": "redeem-code", "solution": true}
def redeem_code(key, guess):
    """Whether the guess is the code under the key, True or False. Right or wrong, the code is gone after it."""
    code = r.get(key)
    r.delete(key)
    return code == guess
