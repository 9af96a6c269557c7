// The story of tests/test_socketio_clients.py, told by the official client: node study_room.js URL
const { io } = require("socket.io-client");

const url = process.argv[2];
const story = [];

class Client {
  constructor(socket) {
    this.socket = socket;
    this.events = [];
    this.waiting = [];
    socket.onAny((name, data) => {
      const place = this.waiting.findIndex((each) => each.name === name);
      if (place < 0) this.events.push({ name, data });
      else this.waiting.splice(place, 1)[0].resolve(data);
    });
  }

  call(event, ...data) {
    return this.socket.timeout(5000).emitWithAck(event, ...data);
  }

  expect(name) {
    const place = this.events.findIndex((each) => each.name === name);
    if (place >= 0) return Promise.resolve(this.events.splice(place, 1)[0].data);
    return new Promise((resolve) => this.waiting.push({ name, resolve }));
  }
}

function connect(namespace, transports, forceNew = true) {
  const socket = io(url + namespace, { transports, forceNew, reconnection: false });
  const client = new Client(socket);
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve(client));
    socket.on("connect_error", reject);
  });
}

async function health() {
  return (await (await fetch(url + "/health")).json()).connections;
}

async function tell() {
  const ann = await connect("/", ["websocket"]);
  const ben = await connect("/", ["polling"]);
  const names = { ann: (await ann.expect("welcome")).name, ben: (await ben.expect("welcome")).name };
  story.push(names.ann !== names.ben, await health());

  story.push(await ann.call("say", { text: "Grüße, 日本 🙂" }));
  for (const client of [ann, ben]) {
    const heard = await client.expect("said");
    story.push([heard.from === names.ann, heard.text]);
  }

  story.push(await ann.call("rename", { name: "Zoë" }));
  const renamed = await ben.expect("renamed");
  story.push([renamed.from === names.ann, renamed.to]);

  story.push(await ben.call("whisper", { to: "Zoë", text: "psst" }));
  story.push((await ann.expect("whispered")).text);

  for (const payload of [[], [null], ["text"], [{ text: 5 }]]) story.push((await ben.call("say", ...payload)).ok);
  ben.socket.emit("nobody knows this", { text: "?" });
  for (const client of [ann, ben]) story.push((await client.call("stats")).said);

  // The second namespace of one connection, as a browser makes it.
  const corner = await connect("/quiz", ["polling", "websocket"], false);
  const question = (await corner.call("ask")).question;
  const [first, second] = question.split(" + ").map(Number);
  story.push(await corner.call("answer", { value: first + second }));
  story.push((await corner.expect("solved")).question === question);
  story.push((await corner.call("answer", { value: 1 })).ok, await health());

  const cleo = await connect("/", ["polling", "websocket"]);
  if (cleo.socket.io.engine.transport.name !== "websocket") {
    await new Promise((resolve) => cleo.socket.io.engine.once("upgrade", resolve));
  }
  story.push(cleo.socket.io.engine.transport.name, (await cleo.call("say", { text: "up" })).ok);
  story.push((await ann.expect("said")).text, (await ben.expect("said")).text);

  for (const client of [ann, ben, cleo]) client.socket.disconnect();
  while ((await health()) !== 0) await new Promise((resolve) => setTimeout(resolve, 10));
  corner.socket.disconnect();
  story.push([ann, ben].map((client) => client.events.map((each) => each.name)));
  console.log(JSON.stringify(story));
}

tell().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
