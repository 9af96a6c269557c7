# %% nbgrader={"grade_id": "split-url", "solution": true}
def split_url(url):
    """The parts of a URL, each with its default; the query as it stands there, the fragment left out.

    split_url("https://shop.example?colour=red#top")
    → {"scheme": "https", "host": "shop.example", "port": 443, "path": "/", "query": "colour=red"}
    """
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    place, _, path = rest.partition("/")
    host, _, port = place.partition(":")
    port = int(port) if port else {"http": 80, "https": 443}[scheme]
    return {"scheme": scheme, "host": host, "port": port, "path": "/" + path, "query": query}
