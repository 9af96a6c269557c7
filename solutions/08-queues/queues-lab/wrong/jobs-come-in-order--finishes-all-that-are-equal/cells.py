# %% nbgrader={"grade_id": "finish-job", "solution": true}
def finish_job(busy, job):
    """Remove one such job from `busy`. True if there was one, else False."""
    return r.lrem(busy, 0, job) > 0
