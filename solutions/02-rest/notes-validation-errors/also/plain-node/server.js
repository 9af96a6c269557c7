// The same contract in plain Node.js: a promise for each request, and one catch for whatever it rejects with.
"use strict";

const http = require("node:http");
const { summarise } = require("./summary.cjs");

const LARGEST = 64 * 1024;
const notes = new Map();
let lastId = 0;

class Problem extends Error {
  constructor(status, detail, { headers = {}, ...more } = {}) {
    super(detail);
    Object.assign(this, { status, headers, more });
  }
}

// What may come in.

const text = (longest, blank) => (value) => {
  if (typeof value !== "string") return "must be a string";
  // A string's length counts halves of characters; its iterator gives whole ones.
  if ([...value].length > longest) return `must have at most ${longest} characters`;
  if (!blank && value.trim() === "") return "must not be blank";
  if (value.includes("\0") || !value.isWellFormed()) return "holds something that is no character";
};

const rules = new Map([["title", text(100, false)], ["content", text(10_000, true)]]);

function invalid(wrong) {
  if (wrong.size === 0) return;
  const errors = [...wrong].map(([field, message]) => ({ field, message }));
  throw new Problem(422, "Some of this cannot be accepted.", { errors });
}

function checkNote(body) {
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    invalid(new Map([["body", "must be an object"]]));
  }
  const wrong = new Map();
  for (const name of Object.keys(body)) if (!rules.has(name)) wrong.set(name, "is not known here");
  const note = { title: body.title, content: Object.hasOwn(body, "content") ? body.content : "" };
  for (const [name, rule] of rules) {
    const message = rule(note[name]);
    if (message) wrong.set(name, message);
  }
  invalid(wrong);
  return note;
}

function readPage(query) {
  const wrong = new Map();
  const number = (name, fallback, least, most) => {
    if (!query.has(name)) return fallback;
    const value = /^\d{1,15}$/.test(query.get(name)) ? Number(query.get(name)) : NaN;
    if (value >= least && value <= most) return value;
    wrong.set(name, `must be a whole number from ${least} to ${most}`);
  };
  const page = { limit: number("limit", Infinity, 1, 100), offset: number("offset", 0, 0, 1e15) };
  invalid(wrong);
  return page;
}

// JSON.parse lets the last of two equal names win. The text is known to be JSON here, so its
// strings and brackets are all there is to look at.
function saysANameTwice(json) {
  const open = [];
  let last;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const names = open.at(-1);
      if (names.has(last)) return true;
      names.add(last);
    } else last = JSON.parse(token);
  }
  return false;
}

async function readBody(request) {
  const type = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (type !== "application/json") throw new Problem(415, "Send application/json.");
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST) throw new Problem(413, `Send at most ${LARGEST} bytes.`);
    chunks.push(chunk);
  }
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
    const body = JSON.parse(json);
    if (!saysANameTwice(json)) return body;
  } catch {
    // Said below.
  }
  throw new Problem(400, "The body is not JSON, or says a name twice.");
}

// What there is.

function find(id) {
  if (!notes.has(id)) throw new Problem(404, `There is no note ${id}.`);
  return notes.get(id);
}

const routes = [
  [/^\/notes$/, {
    GET: async (_, url) => {
      const { limit, offset } = readPage(url.searchParams);
      return { status: 200, body: [...notes.values()].slice(offset, offset + limit) };
    },
    POST: async (request) => {
      const note = { id: 0, ...checkNote(await readBody(request)) };
      note.id = ++lastId;
      notes.set(note.id, note);
      return { status: 201, body: note, headers: { Location: `/notes/${note.id}` } };
    },
  }],
  [/^\/notes\/(\d{1,15})$/, {
    GET: async (_, __, id) => ({ status: 200, body: find(id) }),
    PUT: async (request, _, id) => {
      find(id);
      const note = { id, ...checkNote(await readBody(request)) };
      notes.set(id, note);
      return { status: 200, body: note };
    },
    DELETE: async (_, __, id) => {
      find(id);
      notes.delete(id);
      return { status: 204 };
    },
  }],
  [/^\/notes\/(\d{1,15})\/summary$/, {
    GET: async (_, __, id) => ({ status: 200, body: { summary: summarise(find(id).content) } }),
  }],
];

async function answer(request) {
  const url = new URL(`http://localhost${request.url}`);
  for (const [pattern, methods] of routes) {
    const match = pattern.exec(url.pathname);
    if (!match) continue;
    const handler = methods[request.method];
    const allow = Object.keys(methods).join(", ");
    if (!handler) throw new Problem(405, `Only ${allow}.`, { headers: { Allow: allow } });
    return handler(request, url, Number(match[1]));
  }
  throw new Problem(404, "There is nothing here.");
}

function problemOf(error) {
  if (!(error instanceof Problem)) {
    console.error(error);
    error = new Problem(500, "Something went wrong on our side.");
  }
  const { status, message, headers, more } = error;
  return {
    status,
    type: "application/problem+json",
    headers: { Connection: "close", ...headers },
    body: { type: "about:blank", title: http.STATUS_CODES[status], status, detail: message, ...more },
  };
}

http
  .createServer(async (request, response) => {
    const { status, body, headers, type = "application/json" } = await answer(request).catch(problemOf);
    response.writeHead(status, body === undefined ? headers : { "Content-Type": type, ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  })
  .listen(process.env.PORT, "127.0.0.1");
