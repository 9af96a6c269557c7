"""The same contract without a framework: http.server, SQL by hand, and one try around everything."""

import json
import os
import re
import traceback
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from database import transaction
from summary import summarise

LARGEST = 64 * 1024
LARGEST_ID = 2**31 - 1
FIELDS = "id, title, content, created_at"


class Refused(Exception):
    def __init__(self, status, detail, headers=None, **more):
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers or {}, more


def text(longest, *, blank):
    """A rule: what is wrong with a value, or None."""

    def rule(value):
        if not isinstance(value, str):
            return "must be a string"
        if len(value) > longest:
            return f"must have at most {longest} characters"
        if not blank and (not value or value.isspace()):
            return "must not be blank"
        if re.search("[\0\ud800-\udfff]", value):
            return "holds something that is no character"
        return None

    return rule


RULES = {"title": text(100, blank=False), "content": text(10_000, blank=True)}


def read_note(raw):
    def once(pairs):
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a name twice")
        return members

    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Refused(400, "this is not JSON that can be read in one way only") from None
    if not isinstance(body, dict):
        raise Refused(422, "a note is an object", errors=[{"field": "", "message": "is no object"}])
    note = {"content": "", **body}
    wrong = {name: "is not a field of a note" for name in note if name not in RULES}
    wrong |= {name: "is missing" for name in RULES if name not in note}
    for name, rule in RULES.items():
        if name in note and (message := rule(note[name])):
            wrong[name] = message
    refuse_if(wrong)
    return {name: note[name] for name in RULES}


def read_page(query):
    values, wrong = dict(parse_qsl(query, keep_blank_values=True)), {}

    def number(name, default, least, most):
        given = values.get(name)
        if given is None:
            return default
        if re.fullmatch(r"[0-9]{1,18}", given) and least <= int(given) <= most:
            return int(given)
        wrong[name] = f"must be a whole number from {least} to {most}"
        return default

    limit, offset = number("limit", None, 1, 100), number("offset", 0, 0, 10**18)
    refuse_if(wrong)
    return 2**31 if limit is None else limit, offset


def refuse_if(wrong):
    if wrong:
        errors = [{"field": name, "message": message} for name, message in wrong.items()]
        raise Refused(422, f"{len(wrong)} of what was sent cannot be accepted", errors=errors)


def one(note_id, statement, *values):
    """The note that a statement about one note gives; the id is its last parameter."""
    if note_id <= LARGEST_ID:
        with transaction() as connection:
            for note in connection.execute(statement, *values, note_id):
                return note
    raise Refused(404, f"no note {note_id}")


def find(note_id):
    return one(note_id, f"SELECT {FIELDS} FROM notes WHERE id = ?")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet: two small ones wait 40 ms for each other.
    wbufsize = -1

    def dispatch(self):
        try:
            self.send(*self.answer())
        except Refused as no:
            self.send_problem(no.status, no.detail, no.headers, **no.more)
        except Exception:
            traceback.print_exc()
            self.send_problem(500, "this should not have happened, and we have been told")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = dispatch

    def answer(self):
        url = urlsplit(self.path)
        if url.path == "/notes":
            return self.choose(GET=lambda: self.list(url.query), POST=self.create)
        match = re.fullmatch(r"/notes/([0-9]{1,99})(/summary)?", url.path)
        if not match:
            raise Refused(404, "nothing is here")
        note_id = int(match[1])
        if match[2]:
            return self.choose(GET=lambda: (200, {"summary": summarise(find(note_id)["content"])}))
        return self.choose(
            GET=lambda: (200, find(note_id)),
            PUT=lambda: self.replace(note_id),
            DELETE=lambda: self.delete(note_id),
        )

    def choose(self, **methods):
        if self.command not in methods:
            raise Refused(405, "not with this method", {"Allow": ", ".join(methods)})
        return methods[self.command]()

    def list(self, query):
        page = read_page(query)
        with transaction() as connection:
            return 200, connection.execute(f"SELECT {FIELDS} FROM notes ORDER BY id LIMIT ? OFFSET ?", *page)

    def create(self):
        fields = read_note(self.body())
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with transaction() as connection:
            statement = f"INSERT INTO notes (title, content, created_at) VALUES (?, ?, ?) RETURNING {FIELDS}"
            [note] = connection.execute(statement, fields["title"], fields["content"], now)
        return 201, note, {"Location": f"/notes/{note['id']}"}

    def replace(self, note_id):
        find(note_id)
        fields = read_note(self.body())
        statement = f"UPDATE notes SET title = ?, content = ? WHERE id = ? RETURNING {FIELDS}"
        return 200, one(note_id, statement, fields["title"], fields["content"])

    def delete(self, note_id):
        one(note_id, f"DELETE FROM notes WHERE id = ? RETURNING {FIELDS}")
        return 204, None

    def body(self):
        if "Transfer-Encoding" in self.headers:
            raise Refused(411, "say how long the body is")
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST:
            raise Refused(413, f"at most {LARGEST} bytes")
        if self.headers.get_content_type() != "application/json" or "Content-Type" not in self.headers:
            raise Refused(415, "only application/json")
        return self.rfile.read(length)

    def send_problem(self, status, detail, headers=None, **more):
        # Part of the request may be unread: nothing that follows on this connection can be trusted.
        self.close_connection = True
        document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        headers = {"Connection": "close", **(headers or {})}
        self.send(status, document | more, headers, "application/problem+json")

    def send(self, status, document, headers=None, kind="application/json"):
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if document is not None:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
