// The day of tests/test_socketio_clients.py, lived by the official client: node live_notes.js URL SECRET
const { createHmac } = require("node:crypto");
const { io } = require("socket.io-client");

const [url, secret] = process.argv.slice(2);
const story = [];

async function ask(method, path, token, body) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

async function newcomer(name) {
  const account = { email: `${name}@js.example`, password: `the password of ${name}` };
  await ask("POST", "/auth/register", null, account);
  return (await ask("POST", "/auth/login", null, account)).access_token;
}

function connect(auth, transport) {
  const socket = io(url, { auth, transports: [transport], forceNew: true, reconnection: false });
  const events = [];
  const waiting = [];
  socket.onAny((name, data) => (waiting.length ? waiting.shift()([name, data]) : events.push([name, data])));
  const next = () => (events.length ? events.shift() : new Promise((resolve) => waiting.push(resolve)));
  const end = new Promise((resolve) => socket.on("disconnect", resolve));
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve({ socket, next, end, events }));
    socket.on("connect_error", reject);
  });
}

async function refused(auth, transport) {
  try {
    await connect(auth, transport);
    return "let in";
  } catch (error) {
    return [error.message.trim() !== "", error.data];
  }
}

function endingSoon(token) {
  const [header, claims] = token.split(".");
  const changed = JSON.parse(Buffer.from(claims, "base64url"));
  changed.exp = Math.floor(Date.now() / 1000) + 2;
  const signed = `${header}.${Buffer.from(JSON.stringify(changed)).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

async function live() {
  const [ann, bob] = [await newcomer("ann"), await newcomer("bob")];
  for (const auth of [{}, { token: 7 }, { token: ann + "x" }])
    for (const transport of ["polling", "websocket"]) story.push(await refused(auth, transport));

  const laptop = await connect({ token: ann, tab: 1 }, "websocket");
  const phone = await connect({ token: ann }, "polling");
  const stranger = await connect({ token: bob }, "websocket");
  const made = await ask("POST", "/notes", ann, { title: "Grüße, 日本 🙂" });
  const replaced = await ask("PUT", `/notes/${made.id}`, ann, { title: "later", content: "psst" });
  await ask("DELETE", `/notes/${made.id}`, ann);
  const own = await ask("POST", "/notes", bob, { title: "mine" });
  const told = [["note:created", made], ["note:updated", replaced], ["note:deleted", { id: made.id }]];
  const same = (one, other) => one[0] === other[0] && sorted(one[1]) === sorted(other[1]);
  const sorted = (data) => JSON.stringify(data, Object.keys(data).sort());
  for (const each of [laptop, phone]) for (const one of told) story.push(same(await each.next(), one));
  story.push(same(await stranger.next(), ["note:created", own]));

  const brief = await connect({ token: endingSoon(ann) }, "websocket");
  story.push(await brief.end);
  await ask("POST", "/notes", ann, { title: "still here" });
  for (const each of [laptop, phone]) story.push((await each.next())[1].title);
  story.push([laptop, phone, stranger, brief].map((each) => each.events.length));
  for (const each of [laptop, phone, stranger]) each.socket.disconnect();
}

live().then(
  () => process.stdout.write(JSON.stringify(story), () => process.exit(0)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
