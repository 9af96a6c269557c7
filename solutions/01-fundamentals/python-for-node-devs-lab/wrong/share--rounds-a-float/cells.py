# %% nbgrader={"grade_id": "share", "solution": true}
def share(amount, people):
    """Whole units for each of `people`, and what is left: share(100, 3) gives {"each": 33, "left": 1}.

    Amounts may have thirty digits (some currencies have 18 decimal places), and no digit may be lost.
    """
    each = int(amount / people)
    return {"each": each, "left": amount - each * people}
