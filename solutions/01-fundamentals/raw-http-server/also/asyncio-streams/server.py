"""HTTP/1.1 on asyncio streams: one event loop, a coroutine for each connection, no regular expression."""

import asyncio
import os
import string
from http import HTTPStatus

TOKEN = frozenset(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~")
DIGITS = frozenset(string.digits)


class BadRequest(ValueError):
    status = HTTPStatus.BAD_REQUEST


class OtherVersion(ValueError):
    status = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED


def consists_of(text, alphabet):
    return bool(text) and alphabet.issuperset(text)


def parse_request_line(line):
    parts = line.split(" ")
    if len(parts) != 3:
        raise BadRequest(line)
    method, target, version = parts
    well_formed = (
        consists_of(method, TOKEN)
        and target.startswith("/")
        and len(version) == 8
        and version.startswith("HTTP/")
        and version[6] == "."
        and consists_of(version[5] + version[7], DIGITS)
    )
    if not well_formed:
        raise BadRequest(line)
    if version[5] != "1":
        raise OtherVersion(version)
    return method, target.split("?", 1)[0], version[7] == "0"


def parse_headers(lines):
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not consists_of(name, TOKEN):
            raise BadRequest(line)
        headers.append((name.lower(), value.strip(" \t")))
    return headers


def all_of(headers, wanted):
    return [value for name, value in headers if name == wanted]


async def read_request(reader):
    head = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1")
    first, *rest = head.split("\r\n")
    method, path, is_old = parse_request_line(first)
    headers = parse_headers(rest)
    hosts, lengths = all_of(headers, "host"), all_of(headers, "content-length")
    if len(hosts) > 1 or (not hosts and not is_old):
        raise BadRequest("Host")
    if lengths and all_of(headers, "transfer-encoding"):
        raise BadRequest("Transfer-Encoding and Content-Length")
    if len(set(lengths)) > 1 or not all(consists_of(length, DIGITS) for length in lengths):
        raise BadRequest("Content-Length")
    body = await reader.readexactly(int(lengths[0])) if lengths else b""
    options = [option.strip().lower() for value in all_of(headers, "connection") for option in value.split(",")]
    kind = (all_of(headers, "content-type") or ["application/octet-stream"])[0]
    return method, path, kind, body, is_old or "close" in options


def respond(method, path, kind, body):
    """Status, further headers and body."""
    match path, method:
        case "/", "GET" | "HEAD":
            return HTTPStatus.OK, {"Content-Type": "text/plain; charset=utf-8"}, "Grüezi, this is HTTP.".encode()
        case "/echo", "POST":
            return HTTPStatus.OK, {"Content-Type": kind}, body
        case "/", _:
            return HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"}, b""
        case "/echo", _:
            return HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "POST"}, b""
        case _:
            return HTTPStatus.NOT_FOUND, {}, b""


def write(writer, status, headers, body, *, close, without_body=False):
    headers = {**headers, "Content-Length": len(body)} | ({"Connection": "close"} if close else {})
    writer.write(f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode())
    for name, value in headers.items():
        writer.write(f"{name}: {value}\r\n".encode("latin-1"))
    writer.write(b"\r\n")
    if not without_body:
        writer.write(body)


async def converse(reader, writer):
    close = False
    try:
        while not close:
            try:
                method, path, kind, body, close = await read_request(reader)
            except (BadRequest, OtherVersion) as error:
                close = True
                write(writer, error.status, {}, b"", close=True)
            else:
                write(writer, *respond(method, path, kind, body), close=close, without_body=method == "HEAD")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # The client has left.
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(converse, "127.0.0.1", int(os.environ["PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
