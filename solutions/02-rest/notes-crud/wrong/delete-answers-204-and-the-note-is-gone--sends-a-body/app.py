"""The Notes API without a framework: http.server and a dictionary."""

import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTES = {}
LOCK = threading.Lock()
LAST_ID = [0]


class Refused(Exception):
    def __init__(self, status, message, **headers):
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers


class Handler(BaseHTTPRequestHandler):
    # Headers and body in one packet: two small ones wait 40 ms for each other.
    wbufsize = -1

    def dispatch(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.raw = self.rfile.read(length)
        try:
            status, body, headers = self.answer()
        except Refused as refused:
            status, body, headers = refused.status, {"error": refused.message}, refused.headers
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = dispatch

    def answer(self):
        path = self.path.partition("?")[0]
        if path == "/notes":
            return self.choose(GET=self.list, POST=self.create)
        match = re.fullmatch(r"/notes/([0-9]+)", path)
        if not match:
            raise Refused(404, "nothing is here")
        note_id = int(match[1])
        return self.choose(
            GET=lambda: (200, self.find(note_id), {}),
            PUT=lambda: self.replace(note_id),
            DELETE=lambda: self.delete(note_id),
        )

    def choose(self, **methods):
        if self.command not in methods:
            raise Refused(405, "not with this method", Allow=", ".join(methods))
        return methods[self.command]()

    def list(self):
        with LOCK:
            return 200, list(NOTES.values()), {}

    def create(self):
        fields = self.fields()
        with LOCK:
            LAST_ID[0] += 1
            note = NOTES[LAST_ID[0]] = {"id": LAST_ID[0], **fields}
        return 201, note, {"Location": f"/notes/{note['id']}"}

    def replace(self, note_id):
        self.find(note_id)
        note = NOTES[note_id] = {"id": note_id, **self.fields()}
        return 200, note, {}

    def delete(self, note_id):
        self.find(note_id)
        NOTES.pop(note_id, None)
        return 204, {"deleted": note_id}, {}

    def find(self, note_id):
        try:
            return NOTES[note_id]
        except KeyError:
            raise Refused(404, f"no note {note_id}") from None

    def fields(self):
        if self.headers.get_content_type() != "application/json":
            raise Refused(415, "only application/json")
        try:
            body = json.loads(self.raw)
        except ValueError:
            raise Refused(400, "not JSON") from None
        if not isinstance(body, dict):
            raise Refused(400, "not an object")
        title, content = body.get("title"), body.get("content", "")
        if not (isinstance(title, str) and title.strip() and isinstance(content, str)):
            raise Refused(400, "title or content is not as it should be")
        return {"title": title, "content": content}

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
