# %% nbgrader={"grade_id": "top", "solution": true}
def top(key, n):
    """The best n, at most: [[player, points], …], most points first, equals in any order. n is at least 1."""
    return [[player, int(points)] for player, points in r.zrange(key, 0, n - 1, withscores=True)]
