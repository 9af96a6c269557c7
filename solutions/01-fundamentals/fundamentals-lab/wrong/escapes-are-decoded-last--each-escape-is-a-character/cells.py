# %% nbgrader={"grade_id": "read-query", "solution": true}
def read_query(query):
    """A dictionary from each name to the list of its values, decoded, in their order.

    read_query("colour=red&size=&colour=Zo%C3%AB") → {"colour": ["red", "Zoë"], "size": [""]}
    """
    def decoded(text):
        first, *pieces = text.replace("+", " ").split("%")
        return first + "".join(chr(int(piece[:2], 16)) + piece[2:] for piece in pieces)

    found = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair:
            found.setdefault(decoded(name), []).append(decoded(value))
    return found
