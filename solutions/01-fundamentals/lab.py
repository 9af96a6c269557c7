# %% [markdown]
# # Web anatomy: one request, by hand
#
# You type a URL, and a page appears. In between lie a name, an address, a few lines of text in each direction, and a
# question to a database. Here you do all of it by hand once, piece by piece, so that you know later what a framework
# does for you, and where to look when it does not.
#
# You will be able to take a URL apart, to build the bytes of a DNS query and of an HTTP request, to cut responses out
# of a stream of bytes, and to ask a database in a way that no stranger can abuse.
#
# Easy, about 60 minutes. You need Python functions, lists and dictionaries. Nothing leaves your machine.
#
# ## Why it matters
#
# A shop had an app. Anna and Tom could order with it, and for Zoë it failed.
# It announced the length of an order in *characters*; `Zoë` has three of them, and four bytes.
# The server took the byte left over for the beginning of the next request, and could not read that.
# So what was refused was the order after Zoë's, whoever sent it. Two people searched for a week, in the database.
#
# Run the cells from top to bottom. Those that begin with `# play` are for experiments: change them, nothing depends
# on them. Where it says `YOUR CODE HERE` you write, and `lab.check(1)` asks whether task 1 is done.

# %% nbgrader={"grade_id": "setup", "locked": true}
from grader.notebooks import Lab

lab = Lab("fundamentals-lab")

# %% [markdown]
# ## The whole way first
#
# `Desk` is a **server**: it reads requests, asks a function `answer` what to say, and writes responses. `send` is your
# **client**: it sends whatever bytes you give it, and shows all that goes over the wire. Skim this cell now; in an
# hour you will be able to read it.

# %% nbgrader={"grade_id": "shop", "locked": true}
import json
import socket
import socketserver
import sqlite3
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote_plus, urlsplit


def greet(request):
    """What the server says until you give it something better in part 5."""
    words = f"{request['method']} {request['path']} with {len(request['body'])} bytes. Welcome.\n"
    return {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": words.encode()}


class Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    error_content_type = "text/plain"
    error_message_format = "%(code)d %(message)s\n"

    def do_GET(self):
        if "Host" not in self.headers:
            self.send_error(400, "There is no Host")
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        response = self.server.answer(
            {"method": self.command, "path": url.path, "query": query, "body": body}
        )
        self.send_response(response["status"])
        for name, value in response["headers"].items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response["body"])))
        self.end_headers()
        self.wfile.write(response["body"])

    do_POST = do_GET

    def send_response(self, code, message=None):
        # Without the headers Server and Date, which we do not need.
        self.send_response_only(code, message)

    def log_message(self, *words):
        pass

    def handle(self):
        with suppress(ConnectionError):  # whoever was waited for may leave
            super().handle()


@contextmanager
def shop(answer=greet):
    """A server on a free port of this machine; it is closed when the with block ends."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Desk) as server:
        server.daemon_threads, server.answer = True, answer
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def send(raw, answer=greet):
    """Send these bytes to a new shop, show what goes over the wire, and return what came back."""
    came, ending = b"", "the server hung up"
    with shop(answer) as port, socket.create_connection(("127.0.0.1", port), timeout=0.5) as wire:
        wire.sendall(raw)
        try:
            while piece := wire.recv(4096):
                came += piece
        except TimeoutError:
            ending = "nothing more for half a second: the server waits for us"
    for arrow, message in (("->", raw), ("<-", came)):
        for line in message.splitlines(keepends=True):
            print(arrow, line)
    print(f"   ({ending})\n")
    return came


# %%
# play: one whole request and its response. What does the server say if you change /lamps, or GET?
received = send(b"GET /lamps HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")

# %% [markdown]
# A browser sends and gets just this: lines, an empty line, a body. Now from the beginning.
#
# ## 1 · A URL, taken apart
#
# ```text
# http :// shop.example : 8080 /lamps ? colour=red&colour=blue # reviews
# scheme   host           port path     query                    fragment
# ```
#
# The **scheme** says which language to speak, the **host** which machine to call, the **port** which program on it: 80
# for `http` and 443 for `https`, unless the URL says another. **Path** and **query** are for that program. The
# **fragment** is a place on the page; the browser keeps it to itself.
#
# The marks `:`, `/` and `?` may occur again further right: `?next=http://other.example:99/` is a query like any other.
# So cut at one mark at a time, and only where it comes first: `"a?b?c".partition("?")` gives `("a", "?", "b?c")`, and
# where there is no mark `("abc", "", "")`.


# %% nbgrader={"grade_id": "split-url", "solution": true}
def split_url(url):
    """The parts of a URL, each with its default; the query as it stands there, the fragment left
    out.

    split_url("https://shop.example?colour=red#top")
    → {"scheme": "https", "host": "shop.example", "port": 443, "path": "/", "query": "colour=red"}
    """
    ### BEGIN SOLUTION
    # The fragment may hold any mark and the query most of them, so these two come off first.
    scheme, _, rest = url.partition("://")
    rest, _, _fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    place, _, path = rest.partition("/")
    host, _, port = place.partition(":")
    port = int(port) if port else {"http": 80, "https": 443}[scheme]
    return {"scheme": scheme, "host": host, "port": port, "path": "/" + path, "query": query}
    ### END SOLUTION


# %% [markdown]
# ### The query
#
# A query is pairs `name=value` with `&` between them. A name may come more than once: three boxes ticked in a form send
# it three times. A value may be anything, even `&`, so whatever is not plain is written as **escapes**: `%` and two
# hexadecimal digits for each *byte* of the character, and `+` for a space. `unquote_plus` decodes them. When?

# %%
# play: somebody looks for salt&pepper=nice. What becomes of it if the query is decoded before it is cut?
query = "search=salt%26pepper%3Dnice&for=Zo%C3%AB+Li"
print("decoded first:", unquote_plus(query).split("&"))
print("cut first:    ", query.split("&"))
print("two bytes, one character:", bytes.fromhex("C3AB"), bytes.fromhex("C3AB").decode())


# %% nbgrader={"grade_id": "read-query", "solution": true}
def read_query(query):
    """A dictionary from each name to the list of its values, decoded, in their order.

    read_query("colour=red&size=&colour=Zo%C3%AB") → {"colour": ["red", "Zoë"], "size": [""]}
    """
    ### BEGIN SOLUTION
    found = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair:
            found.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return found
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-1", "grade": true}
lab.check(1)

# %%
# play: put a URL from your own browser in here. What did the site write into its query?
print(read_query(split_url("https://shop.example/find?q=caf%C3%A9+au+lait&tag=a&tag=b#2")["query"]))

# %% [markdown]
# > **If you know Node.js:** `new URL(text)` and its `searchParams.getAll(name)`. In Python it is
# > `urllib.parse.urlsplit` and `parse_qs`; the latter drops empty values unless told otherwise.
#
# ## 2 · From a name to an address
#
# Machines are called by address, such as `192.0.2.7`. **DNS** is the directory: you send a **query** to a name server,
# one small message without a connection (UDP), and get a **reply**. All numbers in it are written with the big end
# first: `(7).to_bytes(2, "big")` is `b"\x00\x07"`.
#
# | Bytes | What | For `shop.example` |
# |---|---|---|
# | 2 | a number of your choice, which the reply repeats | `00 07` |
# | 2 | flags: "please ask others, too" | `01 00` |
# | 8 | counts: one question, no answers, no others | `00 01 00 00 00 00 00 00` |
# | … | the name: before each label (the words between dots) a byte with its length; a 0 at the end | `04` shop `07` example `00` |
# | 4 | type 1 (`A`: an address) and class 1 (internet) | `00 01 00 01` |
#
# No dots are sent: the lengths say where a label ends. With a dot at its end, `shop.example.` is the same name.
#
# Here is a name server. Of its records in `NAMES`, an `A` is an address, and a `CNAME` says "only another name for
# this one". `follow` goes from name to name, and counts its steps.

# %% nbgrader={"grade_id": "name-server", "locked": true}
NAMES = {
    "shop.example": ("A", "192.0.2.7"),
    "www.shop.example": ("CNAME", "shop.example"),
    "left.example": ("CNAME", "right.example"),
    "right.example": ("CNAME", "left.example"),
}


def follow(name, limit=8):
    """The address behind a name; None if there is none, or none within so many steps."""
    for _ in range(limit):
        kind, value = NAMES.get(name, ("nothing", None))
        print(f"   {name}: {kind} {value or ''}")
        if kind != "CNAME":
            return value
        name = value
    return None


def ask(query):
    """Send a query to a name server on this machine, by UDP, and show both messages."""
    with (
        socket.socket(type=socket.SOCK_DGRAM) as server,
        socket.socket(type=socket.SOCK_DGRAM) as client,
    ):
        server.bind(("127.0.0.1", 0))
        client.sendto(query, server.getsockname())
        question, sender = server.recvfrom(512)
        labels, at = [], 12
        while size := question[at]:
            labels.append(question[at + 1 : at + 1 + size].decode())
            at += 1 + size
        address = follow(".".join(labels))
        flags, answer = (
            ("8180 0001 0001", "c00c 0001 0001 0000003c 0004")
            if address
            else ("8183 0001 0000", "")
        )
        reply = (
            question[:2]
            + bytes.fromhex(flags + "0000 0000")
            + question[12 : at + 5]
            + bytes.fromhex(answer)
        )
        server.sendto(reply + (socket.inet_aton(address) if address else b""), sender)
        print("->", query.hex(" "))
        print("<-", client.recv(512).hex(" "))


# %%
# play: names, without any bytes yet. What would the last one do if there were no limit?
for name in ("www.shop.example", "nobody.example", "left.example"):
    print(name, "->", follow(name))


# %% nbgrader={"grade_id": "dns-query", "solution": true}
def dns_query(name, number):
    """The bytes of a DNS query for the address (type A) of name.

    dns_query("a.example", 7).hex(" ")
    → "00 07 01 00 00 01 00 00 00 00 00 00 01 61 07 65 78 61 6d 70 6c 65 00 00 01 00 01"
    """
    ### BEGIN SOLUTION
    query = number.to_bytes(2, "big") + bytes.fromhex("0100 0001 0000 0000 0000")
    for label in name.removesuffix(".").split("."):
        query += bytes([len(label)]) + label.encode("ascii")
    return query + b"\0" + bytes.fromhex("0001 0001")
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-2", "grade": true}
lab.check(2)

# %%
# play: ask with your own bytes, and look at them. What stands in place of the dots? Is c0 00 02 07 in the reply?
import matplotlib.pyplot as plt

COLOURS = ["#4477aa", "#d05566", "#228833", "#aa7a00", "#aa3377"]
query = dns_query("www.shop.example", 7)
ask(query)
figure, axes = plt.subplots(figsize=(9, 2.2))
starts = {"number": 0, "flags": 2, "counts": 4, "name": 12, "type, class": len(query) - 4}
for (kind, start), colour in zip(starts.items(), COLOURS, strict=True):
    axes.bar(range(start, len(query)), 1, 0.9, color=colour, label=kind)
for at, byte in enumerate(query):
    axes.text(
        at,
        0.5,
        f"{byte:02x}\n{chr(byte) if byte > 32 else ''}",
        ha="center",
        va="center",
        color="white",
        size=8,
    )
axes.set(
    xlabel="place of the byte in the query",
    yticks=[],
    xlim=(-1, len(query)),
    title="A DNS query: each label has its length before it",
)
axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.3))
plt.show()

# %% [markdown]
# The reply also says how long it may be kept: `00 00 00 3c` is 60 seconds, its **TTL**. Until they are over nobody asks
# again, and a shop that moves to another address has to keep the old one running for that long.
#
# ## 3 · A request, by hand
#
# The address is known, the connection stands. A request is lines, each ended by two bytes, **CRLF** (`\r\n`): the
# request line, then **headers**, then an empty line. Then comes the **body**, if there is one. Nothing marks its end,
# so the header `Content-Length` announces how many bytes it has. `Host` is always there: many sites live at one address.

# %%
# play: three broken requests. Guess what comes back before you run it, then break a fourth one
print("1. no empty line at the end")
received = send(b"GET / HTTP/1.1\r\nHost: shop.example\r\n")
print("2. no Host")
received = send(b"GET / HTTP/1.1\r\n\r\n")
print("3. Zoë's order has 9 bytes and announces 8; behind it comes Tom, who did nothing wrong")
zoe = "POST /orders HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 8\r\n\r\nname=Zoë".encode()
received = send(zoe + b"GET /tom HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
print({name: (len(name), len(name.encode())) for name in ("Anna", "Zoë", "Łukasz", "Юлия")})

# %% [markdown]
# The first is the most frequent mistake: the server does not complain, it waits, and so do you. The third is the story
# from the beginning: `len` of a text counts characters, `len` of bytes counts bytes, and `.encode()` leads from one to
# the other.


# %% nbgrader={"grade_id": "build-request", "solution": true}
def build_request(method, host, target, body=""):
    r"""The bytes of a request with the headers Host and Connection: close, and Content-Length if
    there is a body.

    build_request("GET", "shop.example", "/lamps?colour=red")
    → b"GET /lamps?colour=red HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
    """
    ### BEGIN SOLUTION
    content = body.encode()
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
    if content:
        lines.append(f"Content-Length: {len(content)}")
    head = "".join(line + "\r\n" for line in lines) + "\r\n"
    return head.encode() + content
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-3", "grade": true}
lab.check(3)

# %%
# play: Zoë may order now
received = send(build_request("POST", "shop.example", "/orders", "name=Zoë"))

# %% [markdown]
# > **If you know Node.js:** `fetch` writes these lines for you; whoever sets `Content-Length` by hand needs
# > `Buffer.byteLength(text)`, for the same reason.
#
# ## 4 · A response, taken apart
#
# First, when does it come? One request has five phases. Measure them for three pages:

# %%
# play: where does the time go? Run it twice, then change sizes and pauses (seconds)
import time

import matplotlib.pyplot as plt


def page(size, pause=0.0):
    body = b"." * size

    def answer(request):
        time.sleep(pause)
        return {"status": 200, "headers": {}, "body": body}

    return answer


def timed(answer):
    with shop(answer) as port, socket.socket() as wire:
        clock = [time.perf_counter()]
        for step in (
            lambda: socket.getaddrinfo("localhost", port),
            lambda: wire.connect(("127.0.0.1", port)),
            lambda: wire.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
            lambda: wire.recv(1),
            lambda: wire.makefile("rb").read(),
        ):
            step()
            clock.append(time.perf_counter())
    return [(end - start) * 1000 for start, end in zip(clock, clock[1:], strict=False)]


phases = ["look up the name", "connect", "send", "wait for the first byte", "until the last byte"]
pages = {
    "small page": page(500),
    "slow database": page(500, pause=0.02),
    "large photo": page(4_000_000),
}
times = {name: timed(answer_of_page) for name, answer_of_page in pages.items()}
figure, axes = plt.subplots(figsize=(7, 2.5))
for n, phase in enumerate(phases):
    starts = [sum(took[:n]) for took in times.values()]
    axes.barh(list(times), [took[n] for took in times.values()], left=starts, label=phase)
axes.set(
    xlabel="milliseconds",
    ylabel="asked for",
    title="A slow answer waits for its first byte, a large one for its last",
)
axes.legend(fontsize=7)
plt.show()

# %% [markdown]
# Between first and last byte, the client holds a piece of a response. TCP keeps the order of bytes and nothing else: a
# read may give half a header or, on a connection that stays open, one response and a piece of the next. So bytes are
# collected in a **buffer**, and whole responses taken from its front.
#
# - The **head** ends at the first empty line, so before the first `b"\r\n\r\n"`. If there is none yet: wait.
# - Its first line is the **status line**, as in `HTTP/1.1 404 Not Found`: version, status, words for people.
# - Then headers. `Content-Length` and `content-length` are one name, so keep names in lower case. Spaces around a
#   value do not belong to it, and only the first colon is a mark: `Location: http://shop.example:8080/`.
# - The body is as long as `Content-Length` says, whatever is in it, even empty lines. Not announced: no body.


# %% nbgrader={"grade_id": "take-response", "solution": true}
def take_response(buffer):
    r"""The first whole response in buffer, and the bytes behind it; None and all of buffer if it
    is not whole yet.

    take_response(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1")
    → ({"status": 200, "headers": {"content-length": "2"}, "body": b"hi"}, b"HTTP/1")
    """
    ### BEGIN SOLUTION
    head, mark, rest = buffer.partition(b"\r\n\r\n")
    if not mark:
        return None, buffer
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    size = int(headers.get("content-length", 0))
    if len(rest) < size:
        return None, buffer
    return {
        "status": int(status_line.split(" ")[1]),
        "headers": headers,
        "body": rest[:size],
    }, rest[size:]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-4", "grade": true}
lab.check(4)

# %%
# play: two responses in pieces of 40 bytes. Try 1, then 4000. With 4000, what is lost if `while` is an `if`?
stream = send(
    b"GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
)
buffer, piece = b"", 40
for at in range(0, len(stream), piece):
    buffer += stream[at : at + piece]
    response, buffer = take_response(buffer)
    while response:
        print(f"with piece {at // piece + 1}:", response["status"], response["body"])
        response, buffer = take_response(buffer)

# %% [markdown]
# ## 5 · What stands between browser and database
#
# ```text
# browser  --request-->   server: bytes to data   --request-->   answer(request)  --SQL-->   database
#          <--response--  server: data to bytes   <--response--  JSON             <--rows--
# ```
#
# The server (here `Desk`) knows HTTP and no lamps, the database knows lamps and no HTTP. A **framework** such as Flask
# lies between them: it chooses a function of yours by the path, hands it the request, and makes a response of what it
# returns. What is left to you is that function. Here you write it without a framework.

# %% nbgrader={"grade_id": "database", "locked": true}
# The server asks from a thread of its own.
db = sqlite3.connect(":memory:", check_same_thread=False)
db.row_factory = sqlite3.Row  # so that dict(row) works
db.execute("CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT, price INTEGER)")
GOODS = [[1, "lamp", 30], [2, "desk", 120], [3, "lamp", 45], [4, "kid's chair", 60]]


def restock(rows):
    """Replace everything in the table goods; the checks put random goods there."""
    db.execute("DELETE FROM goods")
    db.executemany("INSERT INTO goods VALUES (?, ?, ?)", rows)


restock(GOODS)

# %%
# play: a statement made of text. An honest customer, an attacker, an honest customer
for name in ("lamp", "x' OR 'a'='a", "kid's chair"):
    statement = f"SELECT * FROM goods WHERE name = '{name}'"
    try:
        print(statement, "\n   ", [tuple(row) for row in db.execute(statement)])
    except sqlite3.Error as error:
        print(statement, "\n   ", error)

# %% [markdown]
# The attacker's text became part of the statement: `OR 'a'='a'` is true for every row. This is **SQL injection**, and
# an apostrophe is enough to break the page for the honest. The cure is a **parameter**: write `?` in the statement and
# give the value beside it, where it is never read as SQL: `db.execute("… WHERE name = ?", (name,))`. Mind the comma.
#
# There are two kinds of nothing. A search that finds nothing gives an empty list, and all is well (200). An address
# `/goods/9` that leads nowhere is a **404**.


# %% nbgrader={"grade_id": "answer", "solution": true}
def answer(request):
    """The response to a request, which is a dictionary such as
    {"method": "GET", "path": "/goods", "query": {"name": ["lamp"]}, "body": b""}.

    /goods?name=lamp → 200 and all goods of that name, a JSON list in the order of their ids
    (perhaps empty)
    /goods/3         → 200 and that one, as in {"id": 3, "name": "lamp", "price": 45}
    anything else    → 404
    The response is another one:
    {"status": 200, "headers": {"Content-Type": "application/json"}, "body": b"…"}.
    """
    ### BEGIN SOLUTION
    status, found = 404, {"error": "not found"}
    if request["path"] == "/goods":
        name = request["query"].get("name", [""])[0]
        rows = db.execute("SELECT id, name, price FROM goods WHERE name = ? ORDER BY id", (name,))
        status, found = 200, [dict(row) for row in rows]
    elif request["path"].startswith("/goods/"):
        number = request["path"].removeprefix("/goods/")
        row = db.execute("SELECT id, name, price FROM goods WHERE id = ?", (number,)).fetchone()
        if row:
            status, found = 200, dict(row)
    return {
        "status": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(found).encode(),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-5", "grade": true}
lab.check(5)

# %%
# play: the whole way with your own functions. Only the address is not looked up: this shop is on your machine
restock(GOODS)
for url in (
    "http://shop.example/goods?name=kid%27s+chair",
    "http://shop.example/goods/3",
    "http://shop.example/9",
):
    parts = split_url(url)
    target = parts["path"] + ("?" + parts["query"] if parts["query"] else "")
    response, _ = take_response(send(build_request("GET", parts["host"], target), answer))
    print(url, response["status"], json.loads(response["body"]), "\n")

# %% [markdown]
# > **If you know Node.js:** `answer` is what you give to `http.createServer`; Express stands where Flask stands. In
# > `pg` the `?` is `$1`, and the rule is the same: never a template string.
#
# ## Check yourself
#
# <details><summary>1. A request is sent, and nothing comes back, not even an error. What do you suspect first?</summary>
#
# The server is still waiting for the rest: the empty line is missing, or Content-Length announces more bytes than the
# body has. From outside, a server that waits looks like a server that is slow.
#
# </details>
#
# <details><summary>2. Why is a query cut at <code>&</code> before its escapes are decoded, and not after?</summary>
#
# Escapes are there so that a value may contain `&` and `=`. Once decoded, these look like the marks between pairs.
#
# </details>
#
# <details><summary>3. A colleague doubles each apostrophe before building the statement. Is that enough?</summary>
#
# For this one text, perhaps. It will be forgotten in one place, and does nothing for a number, which stands without
# quotes: `WHERE id = 3 OR 1=1`. A parameter is safe in every place, because it never becomes part of the SQL.
#
# </details>
#
# ## What comes next
#
# You were the client. In `raw-http-server` you are the other side: you write what `Desk` gets for nothing from Python,
# for several clients at once, and a resolver that goes further than `follow`. Warm up with `grader start event-emitter`.
