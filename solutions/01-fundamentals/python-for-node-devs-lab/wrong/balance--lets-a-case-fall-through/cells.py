# %% nbgrader={"grade_id": "balance", "solution": true}
def balance(events):
    """The amounts of all events whose "kind" is PAID, minus those of kind REFUNDED. Every other kind counts nothing.

    balance([{"kind": "paid", "amount": 9}, {"kind": "refunded", "amount": 2}, {"kind": "seen"}]) gives 7.
    """
    total = 0
    for event in events:
        match event:
            case {"kind": "refunded", "amount": amount}:
                total -= amount
            case {"amount": amount}:
                total += amount
    return total
