"""A colleague's module. Use it as it is: in this exercise nobody repairs it."""


def summarise(content):
    """The first sentence of a note, up to its full stop."""
    end = content.index(".")
    return content[: end + 1]
