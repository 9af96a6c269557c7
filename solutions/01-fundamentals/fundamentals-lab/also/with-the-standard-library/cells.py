# %% nbgrader={"grade_id": "split-url", "solution": true}
def split_url(url):
    """The parts of a URL, each with its default; the query as it stands there, the fragment left out.

    split_url("https://shop.example?colour=red#top")
    → {"scheme": "https", "host": "shop.example", "port": 443, "path": "/", "query": "colour=red"}
    """
    parts = urlsplit(url)
    return {
        "scheme": parts.scheme,
        "host": parts.hostname,
        "port": parts.port or (443 if parts.scheme == "https" else 80),
        "path": parts.path or "/",
        "query": parts.query,
    }


# %% nbgrader={"grade_id": "read-query", "solution": true}
def read_query(query):
    """A dictionary from each name to the list of its values, decoded, in their order.

    read_query("colour=red&size=&colour=Zo%C3%AB") → {"colour": ["red", "Zoë"], "size": [""]}
    """
    return parse_qs(query, keep_blank_values=True)


# %% nbgrader={"grade_id": "dns-query", "solution": true}
def dns_query(name, number):
    """The bytes of a DNS query for the address (type A) of name.

    dns_query("a.example", 7).hex(" ")
    → "00 07 01 00 00 01 00 00 00 00 00 00 01 61 07 65 78 61 6d 70 6c 65 00 00 01 00 01"
    """
    import struct

    labels = [label.encode() for label in name.split(".") if label]
    header = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0)
    return header + b"".join(struct.pack("B", len(label)) + label for label in [*labels, b""]) + struct.pack("!2H", 1, 1)


# %% nbgrader={"grade_id": "build-request", "solution": true}
def build_request(method, host, target, body=""):
    r"""The bytes of a request with the headers Host and Connection: close, and Content-Length if there is a body.

    build_request("GET", "shop.example", "/lamps?colour=red")
    → b"GET /lamps?colour=red HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
    """
    content = body.encode("utf-8")
    return b"\r\n".join(
        [
            f"{method} {target} HTTP/1.1".encode(),
            b"Host: " + host.encode(),
            b"User-Agent: lab",
            b"Content-Length: %d" % len(content),
            b"Connection: close",
            b"",
            content,
        ]
    )


# %% nbgrader={"grade_id": "take-response", "solution": true}
def take_response(buffer):
    r"""The first whole response in buffer, and the bytes behind it; None and all of buffer if it is not whole yet.

    take_response(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1")
    → ({"status": 200, "headers": {"content-length": "2"}, "body": b"hi"}, b"HTTP/1")
    """
    import io
    from http.client import parse_headers

    if b"\r\n\r\n" not in buffer:
        return None, buffer
    stream = io.BytesIO(buffer)
    _, status, *_ = stream.readline().split()
    headers = {name.lower(): value.strip() for name, value in parse_headers(stream).items()}
    size = int(headers.get("content-length", "0"))
    body, rest = stream.read(size), stream.read()
    if len(body) < size:
        return None, buffer
    return {"status": int(status), "headers": headers, "body": body}, rest


# %% nbgrader={"grade_id": "answer", "solution": true}
def answer(request):
    """The response to a request such as {"method": "GET", "path": "/goods", "query": {"name": ["lamp"]}, "body": b""}.

    /goods?name=lamp → 200 and all goods of that name, a JSON list in the order of their ids (perhaps empty)
    /goods/3         → 200 and that one, as in {"id": 3, "name": "lamp", "price": 45}
    anything else    → 404
    The response is {"status": 200, "headers": {"Content-Type": "application/json"}, "body": b"…"}.
    """
    def response(status, value):
        body = json.dumps(value, ensure_ascii=False).encode("utf-8")
        return {"status": status, "headers": {"content-type": "application/json; charset=utf-8"}, "body": body}

    match request["path"].split("/"):
        case ["", "goods"]:
            everything = db.execute("SELECT * FROM goods ORDER BY id").fetchall()
            wanted = request["query"].get("name", [])
            return response(200, [dict(row) for row in everything if row["name"] in wanted])
        case ["", "goods", number]:
            try:
                [row] = db.execute("SELECT * FROM goods WHERE id = :id", {"id": int(number)})
            except ValueError:
                return response(404, {"error": f"there is no {number}"})
            return response(200, dict(row))
    return {"status": 404, "headers": {}, "body": b""}
