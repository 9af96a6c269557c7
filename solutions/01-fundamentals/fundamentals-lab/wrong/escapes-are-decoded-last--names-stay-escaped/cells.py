# %% nbgrader={"grade_id": "read-query", "solution": true}
def read_query(query):
    """A dictionary from each name to the list of its values, decoded, in their order.

    read_query("colour=red&size=&colour=Zo%C3%AB") → {"colour": ["red", "Zoë"], "size": [""]}
    """
    found = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair:
            found.setdefault(name, []).append(unquote_plus(value))
    return found
