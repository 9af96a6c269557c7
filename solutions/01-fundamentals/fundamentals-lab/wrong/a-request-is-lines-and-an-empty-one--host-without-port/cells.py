# %% nbgrader={"grade_id": "build-request", "solution": true}
def build_request(method, host, target, body=""):
    r"""The bytes of a request with the headers Host and Connection: close, and Content-Length if there is a body.

    build_request("GET", "shop.example", "/lamps?colour=red")
    → b"GET /lamps?colour=red HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
    """
    content = body.encode()
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host.partition(':')[0]}", "Connection: close"]
    if content:
        lines.append(f"Content-Length: {len(content)}")
    head = "".join(line + "\r\n" for line in lines) + "\r\n"
    return head.encode() + content
