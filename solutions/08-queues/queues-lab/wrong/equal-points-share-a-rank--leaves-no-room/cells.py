# %% nbgrader={"grade_id": "rank-of", "solution": true}
def rank_of(key, player):
    """1 for the best. Equals share a rank: 50, 30, 30, 10 points are ranks 1, 2, 2, 4. None for a stranger."""
    points = r.zscore(key, player)
    if points is None:
        return None
    higher = r.zrangebyscore(key, f"({points}", "+inf", withscores=True)
    return 1 + len({score for _, score in higher})
