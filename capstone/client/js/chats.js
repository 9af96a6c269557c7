/** Chats and their messages: what comes in, in the order of seq and once by id; history; receipts; typing. */

import { request } from "./api.js";
import { settled } from "./outbox.js";
import { askPresence, meet } from "./people.js";
import { emit, tell } from "./socket.js";
import { changed, openChat, state } from "./store.js";

const PAGE = 40;
const TYPING_LASTS = 5000;
const TYPING_AGAIN = 2000;
const HAND_IN = 60;
const GAP_PATIENCE = 1000;

const receipts = new Map();
const gaps = new Map();
const typingSaid = new Map();

/** Take up a chat as the server describes it, and keep what was loaded of it. It stays the same object. */
export function takeChat(chat) {
  const known = state.chats.get(chat.id) ?? { messages: [], loaded: false, next: null, members: [], lastMessage: null };
  for (const member of chat.members) {
    const before = known.members.find((other) => other.userId === member.userId);
    member.delivered = Math.max(member.delivered, before?.delivered ?? 0);
    member.read = Math.max(member.read, before?.read ?? 0);
  }
  const last = (known.lastMessage?.seq ?? 0) > (chat.lastMessage?.seq ?? 0) ? known.lastMessage : chat.lastMessage;
  Object.assign(known, chat, { lastMessage: last });
  state.chats.set(chat.id, known);
  meet(chat.members.map((member) => member.userId));
  changed("chats", "messages");
  return known;
}

/** All chats, and what happened to them while nobody listened. */
export async function loadChats() {
  const { chats } = await request("GET", "/chat");
  for (const chat of chats) {
    const taken = takeChat(chat);
    const last = chat.lastMessage;
    const mine = chat.members.find((member) => member.userId === state.me.id);
    if (last && last.senderId !== state.me.id && mine.delivered < last.seq) acknowledge(taken, last, "message:delivered");
    if (taken.loaded && last && heldUpTo(taken) < last.seq) await fillGap(taken.id);
  }
  state.chatsLoaded = true;
  changed("chats");
}

/** The seq of the last message of each chat that this device has. */
export function after() {
  const chats = [...state.chats.values()].filter((chat) => chat.lastMessage);
  chats.sort((a, b) => (a.lastMessage.createdAt < b.lastMessage.createdAt ? 1 : -1));
  return Object.fromEntries(chats.slice(0, 500).map((chat) => [chat.id, heldUpTo(chat)]));
}

/** Ask for what was missed, as after the server could not be heard for a while. */
export async function catchUp() {
  await emit("message:missed", { after: after() });
  await loadChats();
}

/** A message, from wherever it came. It may come twice, and not in its turn. */
export async function takeMessage(message) {
  let chat = state.chats.get(message.chatId);
  if (!chat) {
    const { chat: found } = await request("GET", `/chat/${message.chatId}?limit=1`);
    chat = state.chats.get(message.chatId) ?? takeChat({ ...found, lastMessage: null, unread: 0 });
    askPresence();
  }
  const last = chat.lastMessage?.seq ?? 0;
  const isNew = message.seq > last;
  if (isNew) chat.lastMessage = message;
  if (!insert(chat, message)) return;
  if (chat.loaded && chat.messages[0].seq < message.seq && !holds(chat, message.seq - 1)) suspectGap(chat.id);
  if (message.senderId !== state.me.id) {
    hush(message.chatId, message.senderId);
    if (isNew) {
      chat.unread += 1;
      if (isLookedAt(chat)) markRead(chat);
      else acknowledge(chat, message, "message:delivered");
    }
  }
  changed("chats", "messages");
}

/** The newest page of a chat. */
export async function loadNewest(chatId) {
  const { chat, messages, next } = await request("GET", `/chat/${chatId}?limit=${PAGE}`);
  const taken = takeChat(chat);
  for (const message of messages) insert(taken, message);
  if (!taken.loaded) {
    // What had come before may not reach up to this page.
    taken.messages = taken.messages.filter((message) => message.seq >= (messages.at(-1)?.seq ?? 0));
    Object.assign(taken, { loaded: true, next });
  }
  if (isLookedAt(taken)) markRead(taken);
  changed("chats", "messages");
}

/** The page before the oldest message that is here. Whether there was one. */
export async function loadOlder(chat) {
  if (!chat.next || chat.loadingOlder) return false;
  chat.loadingOlder = true;
  try {
    const { messages, next } = await request("GET", `/chat/${chat.id}?limit=${PAGE}&before=${encodeURIComponent(chat.next)}`);
    for (const message of messages) insert(chat, message);
    chat.next = next;
  } finally {
    chat.loadingOlder = false;
    changed("messages");
  }
  return true;
}

/** Say that everything that came to an open chat was read. */
export function markRead(chat) {
  const theirs = chat.messages.findLast((message) => message.senderId !== state.me.id);
  const mine = chat.members.find((member) => member.userId === state.me.id);
  if (chat.unread) changed("chats");
  chat.unread = 0;
  if (theirs && mine.read < theirs.seq) acknowledge(chat, theirs, "message:read");
}

export function isLookedAt(chat) {
  return openChat() === chat && document.visibilityState === "visible";
}

/** Tell the others that somebody types here, not more often than it is passed on. */
export function sayTyping(chat, types) {
  const said = typingSaid.get(chat.id) ?? 0;
  if (types ? Date.now() - said < TYPING_AGAIN + 100 : !said) return;
  typingSaid.set(chat.id, types ? Date.now() : 0);
  tell(types ? "typing:start" : "typing:stop", { chatId: chat.id });
}

export async function makeGroup(name, members) {
  return takeChat(await request("POST", "/chat/group", { json: { name, members } }));
}

export const handlers = {
  "message:new": (message) => takeMessage(message).catch((error) => console.warn("A message:", error.message)),
  "chat:new": (chat) => {
    // Its first message comes next and would be counted twice.
    if (!state.chats.has(chat.id)) takeChat({ ...chat, lastMessage: null, unread: 0 });
    askPresence();
  },
  "message:delivered": ({ chatId, userId, seq }) => receive(chatId, userId, "delivered", seq),
  "message:read": ({ chatId, userId, seq }) => receive(chatId, userId, "read", seq),
  "typing:start": ({ chatId, userId }) => {
    hush(chatId, userId);
    if (!state.typing.has(chatId)) state.typing.set(chatId, new Map());
    state.typing.get(chatId).set(userId, setTimeout(() => hush(chatId, userId), TYPING_LASTS));
    changed("typing");
  },
  "typing:stop": ({ chatId, userId }) => hush(chatId, userId),
};

function hush(chatId, userId) {
  clearTimeout(state.typing.get(chatId)?.get(userId));
  if (state.typing.get(chatId)?.delete(userId)) changed("typing");
}

function receive(chatId, userId, what, seq) {
  const chat = state.chats.get(chatId);
  const member = chat?.members.find((one) => one.userId === userId);
  if (!member) return;
  member.delivered = Math.max(member.delivered, seq);
  if (what === "read") member.read = Math.max(member.read, seq);
  // Another device of mine has read it.
  if (what === "read" && userId === state.me.id && seq >= (chat.lastMessage?.seq ?? 0)) chat.unread = 0;
  changed("chats", "messages");
}

/** Put a message where its seq says. False if it is there already. */
function insert(chat, message) {
  settled(message);
  const list = chat.messages;
  let at = list.length;
  while (at && list[at - 1].seq > message.seq) at -= 1;
  if (at && list[at - 1].id === message.id) return false;
  list.splice(at, 0, message);
  return true;
}

function holds(chat, seq) {
  return chat.messages.some((message) => message.seq === seq);
}

/** Up to where nothing is missing here. */
function heldUpTo(chat) {
  if (!chat.loaded || !chat.messages.length) return chat.lastMessage?.seq ?? 0;
  let seq = chat.messages[0].seq;
  for (const message of chat.messages) {
    if (message.seq > seq + 1) break;
    seq = message.seq;
  }
  return seq;
}

/** An acknowledgement may overtake the message before it; what is still missing after a moment is asked for. */
function suspectGap(chatId) {
  clearTimeout(gaps.get(chatId));
  gaps.set(chatId, setTimeout(() => fillGap(chatId).catch(() => {}), GAP_PATIENCE));
}

async function fillGap(chatId) {
  const chat = state.chats.get(chatId);
  if (!chat?.loaded) return;
  const until = heldUpTo(chat);
  let before = "";
  do {
    const { messages, next } = await request("GET", `/chat/${chatId}?limit=100${before}`);
    for (const message of messages) insert(chat, message);
    before = next && messages.at(-1)?.seq > until + 1 ? `&before=${encodeURIComponent(next)}` : "";
  } while (before);
  chat.lastMessage = chat.messages.at(-1) ?? chat.lastMessage;
  if (isLookedAt(chat)) markRead(chat);
  changed("chats", "messages");
}

/** A receipt speaks for everything before it, so that of many only the last is sent. */
function acknowledge(chat, message, event) {
  const mine = chat.members.find((member) => member.userId === state.me.id);
  mine.delivered = Math.max(mine.delivered, message.seq);
  if (event === "message:read") mine.read = Math.max(mine.read, message.seq);
  const waiting = receipts.get(chat.id) ?? {};
  const seq = waiting[event]?.seq ?? 0;
  if (seq < message.seq) waiting[event] = message;
  if (!receipts.has(chat.id)) setTimeout(handIn, HAND_IN, chat.id);
  receipts.set(chat.id, waiting);
}

function handIn(chatId) {
  const waiting = receipts.get(chatId) ?? {};
  receipts.delete(chatId);
  for (const [event, message] of Object.entries(waiting)) tell(event, { chatId, messageId: message.id });
}
