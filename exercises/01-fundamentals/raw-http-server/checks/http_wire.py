"""HTTP/1.1 on the wire: builds requests as bytes, reads answers as strictly as the contract is written."""

import re
from dataclasses import dataclass

# Not rewritten by pytest, so each assertion here says the whole sentence itself.
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-9][0-9][0-9]) [\t\x20-\x7e\x80-\xff]*\r\n")
HEADER_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\r\n")
MOST_HEADERS = 100
HOST = "Host: groundup.test"


@dataclass(frozen=True)
class Answer:
    """One answer; header names are in lower case, and a header that is not there is ""."""

    status: int
    headers: tuple
    body: bytes

    def header(self, name):
        return ", ".join(value for other, value in self.headers if other == name)

    @property
    def media_type(self):
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def says_close(self):
        return "close" in {option.strip().lower() for option in self.header("connection").split(",")}


def request(method, target, *lines, body=None, host=HOST, version="HTTP/1.1"):
    """The bytes of a request; with a body comes its Content-Length, without a host no Host."""
    head = [f"{method} {target} {version}", *([host] if host else []), *lines]
    if body is not None:
        head.append(f"Content-Length: {len(body)}")
    return "".join(line + "\r\n" for line in head).encode() + b"\r\n" + (body or b"")


def read_answer(connection, to, method="GET"):
    """Read one answer; ``to`` says in words what it answers, ``method`` whether a body comes."""
    line = _line(connection, f"an answer to {to}")
    match = STATUS_LINE.fullmatch(line)
    assert match, f"expected the answer to {to} to begin with a line such as 'HTTP/1.1 200 OK', got {shown(line)}"
    headers = []
    while (line := _line(connection, f"an empty line after the headers of the answer to {to}")) != b"\r\n":
        header = HEADER_LINE.fullmatch(line)
        assert header, f"expected a header line 'Name: value' in the answer to {to}, got {shown(line)}"
        headers.append((header[1].decode().lower(), header[2].decode("latin-1")))
        assert len(headers) <= MOST_HEADERS, (
            f"expected a few headers in the answer to {to}, got more than {MOST_HEADERS}"
        )
    sizes = [value for name, value in headers if name == "content-length"]
    named = ", ".join(name for name, _ in headers) or "no header at all"
    assert sizes, f"expected a Content-Length in the answer to {to}, got {named}"
    assert len(sizes) == 1, f"expected one Content-Length in the answer to {to}, got {len(sizes)}"
    assert re.fullmatch("[0-9]{1,8}", sizes[0]), f"expected a number of bytes as Content-Length, got {sizes[0]!r}"
    body = b"" if method == "HEAD" else _body(connection, int(sizes[0]), to)
    connection.received(f"{int(match[1])} {shown(body)}" if body else str(int(match[1])))
    return Answer(int(match[1]), tuple(headers), body)


def ask(connect, data, to, method="GET"):
    """Send one request over a connection of its own and read the answer."""
    with connect() as connection:
        connection.send(data)
        return read_answer(connection, to, method)


def expect_the_end(connection, to):
    """The other side has closed: a further request gets no answer and no byte."""
    try:
        connection.send(request("GET", "/", "Connection: close"))
        line = connection.read_until(b"\n")
    except EOFError:
        line = connection.pending
    assert not line, f"expected the connection to be closed after the answer to {to}, got another answer: {shown(line)}"


def shown(data, limit=80):
    """Bytes as they would stand in source code, cut to about ``limit`` characters."""
    text = repr(data[:limit])[1:]
    return f"{text} and {len(data) - limit} more bytes" if len(data) > limit else text


def _line(connection, wanted):
    try:
        line = connection.read_until(b"\n")
    except EOFError:
        rest = connection.pending
        got = f"{shown(rest)} and then the end of the connection" if rest else "the end of the connection"
        raise AssertionError(f"expected {wanted}, got {got}") from None
    assert line.endswith(b"\r\n"), (
        f"expected a line that ends with \\r\\n, got one that ends with \\n alone: {shown(line)}"
    )
    return line


def _body(connection, size, to):
    try:
        return connection.read_exactly(size)
    except EOFError:
        got = len(connection.pending)
        raise AssertionError(
            f"expected the {size} bytes that Content-Length promises in the answer to {to}, "
            f"got {got} and then the end of the connection"
        ) from None
