# %% nbgrader={"grade_id": "split-url", "solution": true}
def split_url(url):
    """The parts of a URL, each with its default; the query as it stands there, the fragment left out.

    split_url("https://shop.example?colour=red#top")
    → {"scheme": "https", "host": "shop.example", "port": 443, "path": "/", "query": "colour=red"}
    """
    # The fragment may hold any mark and the query most of them, so these two come off first.
    scheme, _, rest = url.partition("://")
    rest, _, _fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    place, _, path = rest.partition("/")
    host, _, port = place.partition(":")
    port = port or {"http": 80, "https": 443}[scheme]
    return {"scheme": scheme, "host": host, "port": port, "path": "/" + path, "query": query}
