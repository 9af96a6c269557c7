# %% nbgrader={"grade_id": "shrink-all", "solution": true}
async def shrink_all(shrink, photos):
    """What shrink(photo) gives for each photo, in order; shrink is no async function and blocks. Keep the loop free."""
    return [shrink(photo) for photo in photos]
