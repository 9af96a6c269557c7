# %% nbgrader={"grade_id": "take-job", "solution": true}
def take_job(queue, busy):
    """Move the leftmost job of the queue to the right end of `busy`, and return it. None if there is no job."""
    job = r.lpop(queue)
    if job is not None:
        r.rpush(busy, job)
    return job
