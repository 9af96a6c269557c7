# %% nbgrader={"grade_id": "put-back", "solution": true}
def put_back(queue, busy):
    """Move all jobs of `busy` back to the left end of the queue, in the order in which they are. Returns how many."""
    moved = 0
    while r.lmove(busy, queue, src="LEFT", dest="LEFT") is not None:
        moved += 1
    return moved
