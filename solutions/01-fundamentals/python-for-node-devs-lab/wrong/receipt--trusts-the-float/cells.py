# %% nbgrader={"grade_id": "receipt", "solution": true}
def receipt(items):
    """The lines of a receipt and its total in cents. An item is [name, cents for one, count]; skip those with count 0.

    receipt([["lamp", 1250, 2], ["rug", 900, 0]]) gives {"lines": ["lamp x2: 25.00"], "total": 2500}.
    """
    bought = [item for item in items if item[2] > 0]
    return {
        "lines": [f"{name} x{count}: {cents * count / 100}" for name, cents, count in bought],
        "total": sum(cents * count for _, cents, count in bought),
    }
