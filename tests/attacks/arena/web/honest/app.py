# mypy: ignore-errors
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Honest(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        self.answer({"word": query.get("word", [""])[0], "mark": None})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"loot": None})

    def answer(self, data):
        if "word" in data and data["word"]:
            data.pop("mark")
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Honest).serve_forever()
