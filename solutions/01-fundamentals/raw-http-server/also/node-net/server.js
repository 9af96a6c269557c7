"use strict";
// HTTP/1.1 on the module net: a small state machine for each connection, fed with whatever arrives.

const net = require("node:net");

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const REQUEST_LINE = new RegExp(`^(${TOKEN}) (/[^ ]*) HTTP/([0-9])\\.([0-9])$`);
const HEADER_LINE = new RegExp(`^(${TOKEN}):[ \\t]*(.*?)[ \\t]*$`);
const HEAD_END = Buffer.from("\r\n\r\n");
const GREETING = Buffer.from("Grüezi, this is HTTP.", "utf8");

const ROUTES = new Map([
  ["/", { GET: greet, HEAD: greet }],
  ["/echo", { POST: (request) => [200, { "Content-Type": request.kind }, request.body] }],
]);

function greet() {
  return [200, { "Content-Type": "text/plain; charset=utf-8" }, GREETING];
}

class Refusal extends Error {
  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

function parseHead(head) {
  const [first, ...lines] = head.split("\r\n");
  const match = REQUEST_LINE.exec(first);
  if (!match) throw new Refusal(400);
  const [, method, target, major, minor] = match;
  if (major !== "1") throw new Refusal(505);
  const headers = new Map();
  for (const line of lines) {
    const header = HEADER_LINE.exec(line);
    if (!header) throw new Refusal(400);
    const name = header[1].toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), header[2]]);
  }
  const hosts = headers.get("host") ?? [];
  if (hosts.length > 1 || (hosts.length === 0 && minor !== "0")) throw new Refusal(400);
  const lengths = headers.get("content-length") ?? [];
  if (lengths.length > 0 && headers.has("transfer-encoding")) throw new Refusal(400);
  if (new Set(lengths).size > 1 || !lengths.every((length) => /^[0-9]+$/.test(length))) throw new Refusal(400);
  const options = (headers.get("connection") ?? []).join(",").toLowerCase().split(",");
  return {
    method,
    path: target.split("?")[0],
    kind: headers.get("content-type")?.[0] ?? "application/octet-stream",
    size: Number(lengths[0] ?? 0),
    last: minor === "0" || options.some((option) => option.trim() === "close"),
  };
}

function respond(request) {
  const methods = ROUTES.get(request.path);
  if (!methods) return [404, {}, Buffer.alloc(0)];
  if (!Object.hasOwn(methods, request.method)) {
    return [405, { Allow: Object.keys(methods).join(", ") }, Buffer.alloc(0)];
  }
  return methods[request.method](request);
}

function send(socket, [status, headers, body], { last, withoutBody }) {
  const all = { ...headers, "Content-Length": body.length, ...(last ? { Connection: "close" } : {}) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`, "latin1");
  if (!withoutBody) socket.write(body);
  if (last) socket.end();
}

function serve(socket) {
  let waiting = Buffer.alloc(0);
  let request = null; // A head whose body has not come yet.
  let over = false;

  // Takes one step; false when it needs more bytes.
  function step() {
    if (!request) {
      const end = waiting.indexOf(HEAD_END);
      if (end < 0) return false;
      request = parseHead(waiting.toString("latin1", 0, end));
      waiting = waiting.subarray(end + HEAD_END.length);
    }
    if (waiting.length < request.size) return false;
    request.body = waiting.subarray(0, request.size);
    waiting = waiting.subarray(request.size);
    send(socket, respond(request), { last: request.last, withoutBody: request.method === "HEAD" });
    over = request.last;
    request = null;
    return true;
  }

  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    if (over) return;
    waiting = Buffer.concat([waiting, chunk]);
    try {
      while (!over && step());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      over = true;
      send(socket, [error.status, {}, Buffer.alloc(0)], { last: true });
    }
  });
}

net.createServer(serve).listen(Number(process.env.PORT), "127.0.0.1");
