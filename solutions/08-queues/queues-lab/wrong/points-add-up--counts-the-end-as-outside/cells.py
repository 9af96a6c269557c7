# %% nbgrader={"grade_id": "top", "solution": true}
def top(key, n):
    """The best n, at most: [[player, points], …], most points first, equals in any order. n is at least 1."""
    best = r.zrange(key, 0, n, desc=True, withscores=True)
    return [[player, int(points)] for player, points in best]
