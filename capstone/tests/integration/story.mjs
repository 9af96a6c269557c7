// The chat's story, lived by the official client: node --experimental-websocket story.mjs URL
import { io } from "../../client/vendor/socket.io.esm.min.js";

const url = process.argv[2];
const told = [];

async function ask(method, path, token, body) {
  const headers = { "content-type": "application/json", "x-forwarded-for": `10.9.${Math.floor(Math.random() * 250)}.7` };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  return (await answer.json()).data;
}

function newcomer(name) {
  const username = `${name}_${Math.random().toString(36).slice(2, 10)}`;
  return ask("POST", "/auth/register", null, { username, email: `${username}@js.example`, password: "correct horse" });
}

function connect(token, after = {}) {
  const socket = io(url, { auth: { token, after }, transports: ["websocket"], forceNew: true, reconnection: false });
  const heard = [];
  const waiting = [];
  socket.onAny((event, data) => {
    heard.push([event, data]);
    for (const check of waiting) check();
  });
  const wait = (event, holds = () => true) =>
    new Promise((resolve) => {
      const check = () => {
        const found = heard.find(([name, data]) => name === event && holds(data));
        if (found) resolve(found[1]);
      };
      waiting.push(check);
      check();
    });
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve({ socket, wait, ask: (event, data) => socket.emitWithAck(event, data) }));
    socket.on("connect_error", (error) => reject(error));
  });
}

const [ann, bob] = [await newcomer("ann"), await newcomer("bob")];
try {
  await connect("no token");
} catch (error) {
  told.push(["refused", error.message]);
}
await ask("PUT", "/user/profile", ann.accessToken, { contacts: [bob.user.id] });
const phone = await connect(bob.accessToken);
const laptop = await connect(ann.accessToken);
told.push(["online", (await phone.wait("user:online")).userId === ann.user.id]);

const first = await laptop.ask("message:send", { to: bob.user.id, body: "hello 日本 🙂", clientId: "1" });
const again = await laptop.ask("message:send", { to: bob.user.id, body: "changed", clientId: "1" });
told.push(["once", first.data.id === again.data.id]);
const heard = await phone.wait("message:new");
told.push(["heard", heard.body, heard.seq]);
await phone.ask("message:read", { chatId: heard.chatId, messageId: heard.id });
told.push(["read", (await laptop.wait("message:read")).seq]);
phone.socket.emit("typing:start", { chatId: heard.chatId });
told.push(["typing", (await laptop.wait("typing:start")).userId === bob.user.id]);
told.push(["invalid", (await laptop.ask("message:send", { to: { $ne: "" } })).error.code]);
told.push(["unknown", (await laptop.ask("nonsense", {})).error.code]);

phone.socket.disconnect();
await laptop.ask("message:send", { chatId: heard.chatId, body: "while you were away", clientId: "2" });
const back = await connect(bob.accessToken, { [heard.chatId]: 1 });
told.push(["missed", (await back.wait("message:new")).body]);

const call = await ask("POST", "/call/start", ann.accessToken, { to: bob.user.id, kind: "video" });
await laptop.ask("call:offer", { callId: call.id, offer: { sdp: "v=0" } });
told.push(["offer", (await back.wait("call:offer")).offer]);
await back.ask("call:answer", { callId: call.id, answer: { sdp: "v=1" } });
told.push(["answer", (await laptop.wait("call:answer")).answer]);
await laptop.ask("call:end", { callId: call.id });
told.push(["ended", (await back.wait("call:end")).reason]);
laptop.socket.disconnect();
back.socket.disconnect();
console.log(JSON.stringify(told));
process.exit(0);
