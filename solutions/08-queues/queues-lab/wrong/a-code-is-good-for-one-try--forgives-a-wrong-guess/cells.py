# %% nbgrader={"grade_id": "redeem-code", "solution": true}
def redeem_code(key, guess):
    """Whether the guess is the code under the key, True or False. Right or wrong, the code is gone after it."""
    if r.get(key) != guess:
        return False
    return r.delete(key) == 1
