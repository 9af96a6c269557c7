"""HTTP/1.1 over plain sockets: a thread for each connection, a buffer for each thread."""

import contextlib
import os
import re
import socket
import threading

GREETING = "Grüezi, this is HTTP."
PLAIN = "text/plain; charset=utf-8"
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    505: "HTTP Version Not Supported",
}

NAME = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST_LINE = re.compile(rb"(" + NAME + rb") (/\S*) HTTP/([0-9])\.([0-9])")
HEADER_LINE = re.compile(rb"(" + NAME + rb"):[ \t]*(.*?)[ \t]*")


class Refused(Exception):
    """After this nobody can say where the next request begins: answer, and hang up."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


class Incoming:
    """What one client has sent and nobody has asked for yet."""

    def __init__(self, client):
        self.client = client
        self.waiting = b""

    def up_to(self, mark):
        while mark not in self.waiting:
            self.more()
        taken, _, self.waiting = self.waiting.partition(mark)
        return taken

    def exactly(self, size):
        while len(self.waiting) < size:
            self.more()
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken

    def more(self):
        received = self.client.recv(65536)
        if not received:
            raise ConnectionError("the client has left")
        self.waiting += received


class Request:
    def __init__(self, method, target, version, headers, body):
        self.method = method
        self.path = target.partition("?")[0]
        self.headers = headers
        self.body = body
        options = {option.strip() for option in self.header("connection").lower().split(",")}
        self.is_last = version == "1.0" or "close" in options

    def header(self, name):
        return ", ".join(self.headers.get(name, []))


def read_request(incoming):
    request_line, *header_lines = incoming.up_to(b"\r\n\r\n").split(b"\r\n")
    match = REQUEST_LINE.fullmatch(request_line)
    if not match:
        raise Refused(400, "The request line is not: method, target, version.")
    method, target, major, minor = (part.decode("latin-1") for part in match.groups())
    if major != "1":
        raise Refused(505, "This server speaks HTTP/1.1.")
    version = f"{major}.{minor}"
    headers = read_headers(header_lines)
    hosts = headers.get("host", [])
    if len(hosts) > 1 or (not hosts and version != "1.0"):
        raise Refused(400, "There must be one Host.")
    return Request(method, target, version, headers, incoming.exactly(size_of_body(headers)))


def read_headers(lines):
    """Each name in lower case with the list of its values."""
    headers = {}
    for line in lines:
        match = HEADER_LINE.fullmatch(line)
        if not match:
            raise Refused(400, "A header line is not: name, colon, value.")
        name, value = (part.decode("latin-1") for part in match.groups())
        headers.setdefault(name.lower(), []).append(value)
    return headers


def size_of_body(headers):
    sizes = set(headers.get("content-length", []))
    if not sizes:
        return 0
    if len(sizes) > 1:
        raise Refused(400, "Two values of Content-Length contradict each other.")
    size = sizes.pop()
    # int() alone would also take "+5", "-5", "1_000" and digits of other alphabets.
    if not re.fullmatch("[0-9]+", size):
        raise Refused(400, "Content-Length must be a number of bytes.")
    return int(size)


def greet(request):
    return GREETING.encode(), PLAIN


def echo(request):
    return request.body, request.header("content-type") or "application/octet-stream"


ROUTES = {"/": {"GET": greet, "HEAD": greet}, "/echo": {"POST": echo}}


def answer(request):
    """The bytes that answer a request."""
    methods = ROUTES.get(request.path)
    if methods is None:
        return message(404, "There is nothing here.", request=request)
    if request.method not in methods:
        allow = {"Allow": ", ".join(methods)}
        return message(405, "This path does not have that method.", request=request, headers=allow)
    body, content_type = methods[request.method](request)
    return message(200, body, request=request, headers={"Content-Type": content_type})


def message(status, body, *, request=None, headers=None):
    """An answer as bytes; without a request it is the answer to one that could not be read."""
    if isinstance(body, str):
        body = body.encode()
    fields = {"Content-Type": PLAIN, "Content-Length": len(body), **(headers or {})}
    if request is None or request.is_last:
        fields["Connection"] = "close"
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", *(f"{name}: {value}" for name, value in fields.items())]
    head = "".join(line + "\r\n" for line in lines) + "\r\n"
    if request and request.method == "HEAD":
        body = b""
    return head.encode("latin-1") + body


def serve(client):
    """Answer one client until one side has had enough."""
    incoming = Incoming(client)
    # A client may leave at any moment; that is the end of its connection and no error.
    with client, contextlib.suppress(ConnectionError):
        while True:
            try:
                request = read_request(incoming)
            except Refused as refusal:
                client.sendall(message(refusal.status, str(refusal)))
                return
            client.sendall(answer(request))
            if request.is_last:
                return


def main():
    with socket.create_server(("127.0.0.1", int(os.environ["PORT"]))) as server:
        while True:
            client, _ = server.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()


main()
