# %% nbgrader={"grade_id": "items", "solution": true}
def items(pages):
    """The items of all pages, one after the other; fetch a page (walk on in `pages`) only when it is needed."""
    for page in pages:
        yield page
