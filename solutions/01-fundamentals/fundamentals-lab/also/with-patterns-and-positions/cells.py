# %% nbgrader={"grade_id": "split-url", "solution": true}
def split_url(url):
    """The parts of a URL, each with its default; the query as it stands there, the fragment left out.

    split_url("https://shop.example?colour=red#top")
    → {"scheme": "https", "host": "shop.example", "port": 443, "path": "/", "query": "colour=red"}
    """
    import re

    pattern = r"(?P<scheme>[^:]+)://(?P<host>[^:/?#]+)(:(?P<port>[0-9]+))?(?P<path>/[^?#]*)?([?](?P<query>[^#]*))?(#.*)?"
    parts = re.fullmatch(pattern, url).groupdict()
    parts["port"] = int(parts["port"] or {"http": 80, "https": 443}[parts["scheme"]])
    parts["path"] = parts["path"] or "/"
    parts["query"] = parts["query"] or ""
    return parts


# %% nbgrader={"grade_id": "read-query", "solution": true}
def read_query(query):
    """A dictionary from each name to the list of its values, decoded, in their order.

    read_query("colour=red&size=&colour=Zo%C3%AB") → {"colour": ["red", "Zoë"], "size": [""]}
    """
    import re

    def decoded(text):
        raw = text.replace("+", " ").encode()
        return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw).decode()

    values = {}
    for name, value in re.findall(r"([^&=]*)=?([^&]*)(?:&|$)", query):
        if name or value:
            values[decoded(name)] = [*values.get(decoded(name), []), decoded(value)]
    return values


# %% nbgrader={"grade_id": "dns-query", "solution": true}
def dns_query(name, number):
    """The bytes of a DNS query for the address (type A) of name.

    dns_query("a.example", 7).hex(" ")
    → "00 07 01 00 00 01 00 00 00 00 00 00 01 61 07 65 78 61 6d 70 6c 65 00 00 01 00 01"
    """
    query = bytearray(12)
    query[0], query[1] = divmod(number, 256)
    query[2] = query[5] = 1
    if not name.endswith("."):
        name += "."
    start = 0
    while start < len(name):
        end = name.index(".", start)
        query.append(end - start)
        query.extend(map(ord, name[start:end]))
        start = end + 1
    query.extend([0, 0, 1, 0, 1])
    return bytes(query)


# %% nbgrader={"grade_id": "build-request", "solution": true}
def build_request(method, host, target, body=""):
    r"""The bytes of a request with the headers Host and Connection: close, and Content-Length if there is a body.

    build_request("GET", "shop.example", "/lamps?colour=red")
    → b"GET /lamps?colour=red HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
    """
    content = bytes(body, "utf-8")
    length = f"content-length:{len(content)}\r\n" if body else ""
    head = f"{method} {target} HTTP/1.1\r\nconnection:close\r\n{length}host:{host}\r\n\r\n"
    return bytes(head, "ascii") + content


# %% nbgrader={"grade_id": "take-response", "solution": true}
def take_response(buffer):
    r"""The first whole response in buffer, and the bytes behind it; None and all of buffer if it is not whole yet.

    take_response(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1")
    → ({"status": 200, "headers": {"content-length": "2"}, "body": b"hi"}, b"HTTP/1")
    """
    end = buffer.find(b"\r\n\r\n")
    if end == -1:
        return [None, buffer]
    lines = buffer[:end].split(b"\r\n")
    headers, size = {}, 0
    for line in lines[1:]:
        colon = line.index(b":")
        name, value = line[:colon].decode().lower(), line[colon + 1 :].decode().strip()
        headers[name] = value
        if name == "content-length":
            size = int(value)
    begin, stop = end + 4, end + 4 + size
    if stop > len(buffer):
        return [None, buffer]
    return [{"status": int(lines[0][9:12]), "headers": headers, "body": buffer[begin:stop]}, buffer[stop:]]


# %% nbgrader={"grade_id": "answer", "solution": true}
def answer(request):
    """The response to a request such as {"method": "GET", "path": "/goods", "query": {"name": ["lamp"]}, "body": b""}.

    /goods?name=lamp → 200 and all goods of that name, a JSON list in the order of their ids (perhaps empty)
    /goods/3         → 200 and that one, as in {"id": 3, "name": "lamp", "price": 45}
    anything else    → 404
    The response is {"status": 200, "headers": {"Content-Type": "application/json"}, "body": b"…"}.
    """
    path = request["path"]
    label = {"Content-Type": "application/json"}
    if path == "/goods":
        goods = []
        for number, name, price in db.execute("SELECT id, name, price FROM goods ORDER BY id"):
            if [name] == request["query"]["name"]:
                goods.append({"id": number, "name": name, "price": price})
        return {"status": 200, "headers": label, "body": bytes(json.dumps(goods), "utf-8")}
    for row in db.execute("SELECT * FROM goods WHERE '/goods/' || id = ?", [path]):
        return {"status": 200, "headers": label, "body": bytes(json.dumps({key: row[key] for key in row.keys()}), "utf-8")}
    return {"status": 404, "headers": {"Content-Type": "text/plain"}, "body": b"There is no such thing."}
