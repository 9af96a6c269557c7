# %% nbgrader={"grade_id": "put-back", "solution": true}
def put_back(queue, busy):
    """Move all jobs of `busy` back to the left end of the queue, in the order in which they are. Returns how many."""
    jobs = r.lrange(busy, 0, -1)
    if jobs:
        r.lpush(queue, *reversed(jobs))
        r.delete(busy)
    return len(jobs)
