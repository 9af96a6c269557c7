# %% nbgrader={"grade_id": "take-job", "solution": true}
def take_job(queue, busy):
    """Move the leftmost job of the queue to the right end of `busy`, and return it. None if there is no job."""
    job = r.lindex(queue, 0)
    if job is None:
        return None
    r.rpush(busy, job)
    r.lrem(queue, 1, job)
    return job
