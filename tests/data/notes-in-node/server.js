// The Notes API without any framework: proof that the checks judge a program, not a language.
const http = require("node:http");

const notes = new Map();
let lastId = 0;

class HttpError extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

function send(response, status, body, headers = {}) {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

async function fieldsOf(request) {
  const type = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (type !== "application/json") throw new HttpError(415, "Send application/json.");
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let body;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new HttpError(400, "The body is not JSON.");
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw new HttpError(400, "The body must be an object.");
  }
  const { title, content = "" } = body;
  if (typeof title !== "string" || !title.trim()) throw new HttpError(400, "title must not be blank.");
  if (typeof content !== "string") throw new HttpError(400, "content must be a string.");
  return { title, content };
}

function find(id) {
  if (!notes.has(id)) throw new HttpError(404, `There is no note ${id}.`);
  return notes.get(id);
}

const collection = {
  GET: (_, response) => send(response, 200, [...notes.values()]),
  POST: async (request, response) => {
    const fields = await fieldsOf(request);
    const note = { id: ++lastId, ...fields };
    notes.set(note.id, note);
    send(response, 201, note, { Location: `/notes/${note.id}` });
  },
};

const item = {
  GET: (_, response, id) => send(response, 200, find(id)),
  PUT: async (request, response, id) => {
    find(id);
    notes.set(id, { id, ...(await fieldsOf(request)) });
    send(response, 200, notes.get(id));
  },
  DELETE: (_, response, id) => {
    find(id);
    notes.delete(id);
    send(response, 204);
  },
};

async function route(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const match = /^\/notes(?:\/(\d+))?$/.exec(pathname);
  if (!match) throw new HttpError(404, "There is nothing here.");
  const methods = match[1] === undefined ? collection : item;
  const handler = methods[request.method];
  if (!handler) {
    const allow = Object.keys(methods).join(", ");
    throw new HttpError(405, `Only ${allow}.`, { Allow: allow });
  }
  await handler(request, response, Number(match[1]));
}

http
  .createServer((request, response) => {
    route(request, response).catch((error) => {
      send(response, error.status ?? 500, { error: error.message }, error.headers);
    });
  })
  .listen(process.env.PORT, "127.0.0.1");
