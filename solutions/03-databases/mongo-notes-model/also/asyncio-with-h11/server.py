"""The same contract without a framework and without threads: one event loop, h11 for HTTP, a match for the routes."""

import asyncio
import json
import os
import traceback
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

import h11

import documents
import incoming
from incoming import LARGEST, Refused
from summary import summarise


class Connection:
    """One client; its requests are answered one after the other."""

    def __init__(self, notes, reader, writer):
        self.notes, self.reader, self.writer = notes, reader, writer
        self.http = h11.Connection(h11.SERVER)

    async def serve(self):
        try:
            while True:
                request = await self.next_event()
                if type(request) is not h11.Request:
                    break
                await self.send(*await self.answer(request))
                if self.http.our_state is h11.MUST_CLOSE or self.http.their_state is not h11.DONE:
                    break
                self.http.start_next_cycle()
        except (h11.RemoteProtocolError, ConnectionError):
            pass
        finally:
            self.writer.close()

    async def next_event(self):
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                self.writer.write(self.http.send(h11.InformationalResponse(status_code=100, headers=[])))
            self.http.receive_data(await self.reader.read(65_536))
        return event

    async def read_body(self):
        body = b""
        while type(event := await self.next_event()) is h11.Data:
            body += event.data
            if len(body) > LARGEST:
                raise Refused(413, f"A note has at most {LARGEST} bytes.")
        return body

    async def answer(self, request):
        """Status, document or None, headers."""
        try:
            body = await self.read_body()
            headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
            return await self.route(request.method.decode(), urlsplit(request.target.decode()), headers, body)
        except Refused as no:
            return problem(no.status, no.detail, no.headers, **no.more)
        except documents.NoSuchNote:
            return problem(404, "No note has this id.")
        except documents.Taken:
            return problem(409, "There is a note with this title.")
        except Exception:
            traceback.print_exc()
            return problem(500, "Not your fault. We have been told.")

    async def route(self, method, url, headers, body):
        notes = self.notes
        match [method, *map(unquote, url.path.strip("/").split("/"))]:
            case ["GET", "notes"]:
                query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
                limit, offset = incoming.page(query)
                return 200, await notes.some(limit, offset, query.get("title")), {}
            case ["POST", "notes"]:
                note = await notes.make(incoming.note(headers, body))
                return 201, note, {"Location": f"/notes/{note['id']}"}
            case ["GET", "notes", note_id]:
                return 200, await notes.one(note_id), {}
            case ["PUT", "notes", note_id]:
                return 200, await notes.set(note_id, incoming.note(headers, body)), {}
            case ["DELETE", "notes", note_id]:
                await notes.drop(note_id)
                return 204, None, {}
            case ["GET", "notes", note_id, "summary"]:
                return 200, {"summary": summarise((await notes.one(note_id))["content"])}, {}
            case [_, "notes"]:
                raise Refused(405, "GET or POST, please.", {"Allow": "GET, POST"})
            case [_, "notes", _]:
                raise Refused(405, "GET, PUT or DELETE, please.", {"Allow": "GET, PUT, DELETE"})
            case [_, "notes", _, "summary"]:
                raise Refused(405, "GET, please.", {"Allow": "GET"})
        raise Refused(404, "Nothing is here.")

    async def send(self, status, document, headers, kind="application/json"):
        content = b"" if document is None else json.dumps(document).encode()
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), **headers}
        if document is None:
            headers = {}
        if self.http.their_state is not h11.DONE:
            headers["Connection"] = "close"
        response = h11.Response(status_code=status, headers=list(headers.items()))
        self.writer.write(self.http.send(response) + self.http.send(h11.Data(data=content)))
        self.writer.write(self.http.send(h11.EndOfMessage()))
        await self.writer.drain()


def problem(status, detail, headers=None, **more):
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return status, document, headers or {}, "application/problem+json"


async def main():
    notes = await documents.open_notes(os.environ["MONGODB_URI"])

    async def connected(reader, writer):
        await Connection(notes, reader, writer).serve()

    server = await asyncio.start_server(connected, "127.0.0.1", int(os.environ["PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
