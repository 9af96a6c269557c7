# %% nbgrader={"grade_id": "take-response", "solution": true}
def take_response(buffer):
    r"""The first whole response in buffer, and the bytes behind it; None and all of buffer if it is not whole yet.

    take_response(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1")
    → ({"status": 200, "headers": {"content-length": "2"}, "body": b"hi"}, b"HTTP/1")
    """
    head, mark, rest = buffer.partition(b"\r\n\r\n")
    if not mark:
        return None, b""
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    size = int(headers.get("content-length", 0))
    if len(rest) < size:
        return None, b""
    return {"status": int(status_line.split(" ")[1]), "headers": headers, "body": rest[:size]}, rest[size:]
