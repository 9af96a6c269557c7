# %% nbgrader={"grade_id": "add-points", "solution": true}
def add_points(key, player, points):
    """Give the player so many points more (or fewer, if negative). Returns the new total."""
    r.zadd(key, {player: points})
    return int(r.zscore(key, player))
