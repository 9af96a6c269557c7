"""The same contract without a framework: http.server, SQL, Redis by hand, and one try around everything."""

import json
import os
import re
import traceback
from datetime import UTC
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import psycopg

import lists
import tokens
from database import transaction
from summary import summarise

LARGEST = 64 * 1024
COLUMNS = "id, title, content, created_at"
MINE = "WHERE id = %s AND account = %s"


class Refused(Exception):
    def __init__(self, status, detail, headers=None, **more):
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers or {}, more


def text(longest, *, blank, shortest=0):
    """A rule: what is wrong with a value, or None."""

    def rule(value):
        if not isinstance(value, str):
            return "must be a string"
        if not shortest <= len(value) <= longest:
            return f"must have {shortest} to {longest} characters"
        if not blank and (not value or value.isspace()):
            return "must not be blank"
        if re.search("[\0\ud800-\udfff]", value):
            return "holds something that is no character"
        return None

    return rule


def email(value):
    if wrong := text(254, blank=False)(value):
        return wrong
    name, at, domain = value.partition("@")
    parts = [name, *domain.split(".")]
    right = at and len(parts) > 2 and all(re.fullmatch(r"[^\s@\x00-\x1f\x7f]+", part) for part in parts)
    return None if right else "must be like name@example.org"


NOTE = {"title": text(100, blank=False), "content": text(10_000, blank=True)}
ACCOUNT = {"email": email, "password": text(200, blank=True, shortest=10)}


def read(raw, rules, **defaults):
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
        raise Refused(422, "only an object will do", errors=[{"field": "", "message": "is no object"}])
    body = {**defaults, **body}
    wrong = {name: "is not a field of this" for name in body if name not in rules}
    wrong |= {name: "is missing" for name in rules if name not in body}
    for name, rule in rules.items():
        if name in body and (message := rule(body[name])):
            wrong[name] = message
    refuse_if(wrong)
    return {name: body[name] for name in rules}


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
    return limit, offset


def refuse_if(wrong):
    if wrong:
        errors = [{"field": name, "message": message} for name, message in wrong.items()]
        raise Refused(422, f"{len(wrong)} of what was sent cannot be accepted", errors=errors)


def unauthorized(detail):
    return Refused(401, detail, {"WWW-Authenticate": "Bearer"})


def shown(row):
    return dict(row, created_at=row["created_at"].astimezone(UTC).isoformat(timespec="milliseconds"))


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
        if url.path == "/auth/register":
            return self.choose(POST=self.register)
        if url.path == "/auth/login":
            return self.choose(POST=self.log_in)
        match = re.fullmatch(r"/notes(?:/([0-9]{1,18})(/summary)?)?", url.path)
        if not match:
            raise Refused(404, "nothing is here")
        me = self.who()
        if not match[1]:
            return self.choose(GET=lambda: self.list(me, url.query), POST=lambda: self.create(me))
        note_id = int(match[1])
        if match[2]:
            return self.choose(GET=lambda: (200, {"summary": summarise(self.find(me, note_id)["content"])}))
        return self.choose(
            GET=lambda: (200, self.find(me, note_id)),
            PUT=lambda: self.replace(me, note_id),
            DELETE=lambda: self.delete(me, note_id),
        )

    def choose(self, **methods):
        if self.command not in methods:
            raise Refused(405, "not with this method", {"Allow": ", ".join(methods)})
        return methods[self.command]()

    def who(self):
        """The id of the account whose token came along."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        account = tokens.read(token) if scheme == "Bearer" else None
        with transaction() as sql:
            if account and sql.execute("SELECT 1 FROM accounts WHERE id = %s", (account,)).fetchone():
                return account
        raise unauthorized("nobody without a good token")

    def register(self):
        sent = read(self.body(), ACCOUNT)
        locked = tokens.lock(sent["password"])
        try:
            with transaction() as sql:
                insert = "INSERT INTO accounts (email, bcrypt) VALUES (%s, %s) RETURNING id"
                new = sql.execute(insert, (sent["email"], locked)).fetchone()
        except psycopg.IntegrityError:
            raise Refused(409, "this email is taken") from None
        return 201, {"id": new["id"], "email": sent["email"]}

    def log_in(self):
        sent = read(self.body(), ACCOUNT)
        with transaction() as sql:
            wanted = "SELECT id, bcrypt FROM accounts WHERE lower(email) = lower(%s)"
            row = sql.execute(wanted, (sent["email"],)).fetchone()
        # The same work, whether there is anybody or not.
        if not tokens.opens(sent["password"], row["bcrypt"] if row else tokens.NOBODY) or not row:
            raise unauthorized("email and password do not fit")
        return 200, {"access_token": tokens.make(row["id"]), "token_type": "Bearer", "expires_in": tokens.LIFE}

    def find(self, me, note_id):
        if note_id >= 2**31:
            raise Refused(404, f"no note {note_id}")
        with transaction() as sql:
            row = sql.execute(f"SELECT {COLUMNS} FROM notes {MINE}", (note_id, me)).fetchone()
        if row is None:
            raise Refused(404, f"no note {note_id}")
        return shown(row)

    def list(self, me, query):
        limit, offset = read_page(query)

        def load():
            wanted = f"SELECT {COLUMNS} FROM notes WHERE account = %s ORDER BY id LIMIT %s OFFSET %s"
            with transaction() as sql:
                return json.dumps([shown(row) for row in sql.execute(wanted, (me, limit, offset))])

        return 200, lists.get(me, f"{limit} {offset}", load)

    def create(self, me):
        sent = read(self.body(), NOTE, content="")
        with transaction() as sql:
            insert = f"INSERT INTO notes (title, content, account) VALUES (%s, %s, %s) RETURNING {COLUMNS}"
            note = shown(sql.execute(insert, (sent["title"], sent["content"], me)).fetchone())
        lists.forget(me)
        return 201, note, {"Location": f"/notes/{note['id']}"}

    def replace(self, me, note_id):
        self.find(me, note_id)
        sent = read(self.body(), NOTE, content="")
        with transaction() as sql:
            changed = f"UPDATE notes SET title = %s, content = %s {MINE}"
            sql.execute(changed, (sent["title"], sent["content"], note_id, me))
        lists.forget(me)
        return 200, self.find(me, note_id)

    def delete(self, me, note_id):
        self.find(me, note_id)
        with transaction() as sql:
            sql.execute(f"DELETE FROM notes {MINE}", (note_id, me))
        lists.forget(me)
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
        # A list comes as the text that it was kept as.
        text = document if isinstance(document, str) else json.dumps(document)
        content = b"" if document is None else text.encode()
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


class Server(ThreadingHTTPServer):
    # Many may come at the same moment; the default is five.
    request_queue_size = 128


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
