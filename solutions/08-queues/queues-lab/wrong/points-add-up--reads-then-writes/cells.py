# %% nbgrader={"grade_id": "add-points", "solution": true}
def add_points(key, player, points):
    """Give the player so many points more (or fewer, if negative). Returns the new total."""
    total = int(r.zscore(key, player) or 0) + points
    r.zadd(key, {player: total})
    return total
