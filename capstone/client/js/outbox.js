/**
 * What was written and is not acknowledged yet. Each message keeps its clientId however often it is sent, and the
 * server stores it once. What has no file with it outlives a reload.
 */

import { upload } from "./api.js";
import { takeMessage } from "./chats.js";
import { adopt } from "./media.js";
import { emit, isConnected } from "./socket.js";
import { changed, state } from "./store.js";

const key = () => `chat.outbox.${state.me.id}`;
const FIRST_PAUSE = 1000;
const PASSING = new Set(["offline", "too_many", "unavailable", "internal", "unauthorized"]);

let running = false;
let pause = FIRST_PAUSE;
let timer = 0;

export function recall() {
  try {
    state.outbox = JSON.parse(localStorage.getItem(key())) ?? [];
  } catch {
    state.outbox = [];
  }
}

/** Write a message to a chat, or to a person one has no chat with. */
export function post({ chatId, to, body = "", file = null }) {
  const item = { clientId: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, createdAt: new Date().toISOString() };
  Object.assign(item, chatId ? { chatId } : { to }, { body, mediaId: null, error: "" });
  if (file) Object.assign(item, { file, preview: URL.createObjectURL(file) });
  state.outbox.push(item);
  save();
  flush();
  return item;
}

export function retry(item) {
  item.error = "";
  save();
  flush();
}

export function discard(item) {
  state.outbox = state.outbox.filter((other) => other !== item);
  save();
}

/** A message has come back, by its acknowledgement or by another way. */
export function settled(message) {
  if (message.senderId !== state.me.id) return;
  const found = state.outbox.find((item) => item.clientId === message.clientId);
  if (found) discard(found);
}

/** Send what waits, one after the other, so that it arrives in the order in which it was written. */
export async function flush() {
  clearTimeout(timer);
  if (running) return;
  running = true;
  try {
    let item;
    while (isConnected() && (item = state.outbox.find((one) => !one.error))) await deliver(item);
    pause = FIRST_PAUSE;
  } catch (error) {
    // Nothing is wrong with the message itself: it is sent again, now or after the next connection.
    timer = setTimeout(flush, Math.max(pause, error.retryAfter * 1000 || 0));
    pause = Math.min(pause * 2, 15_000);
  } finally {
    running = false;
  }
}

async function deliver(item) {
  const me = state.me;
  try {
    if (item.file && !item.mediaId) {
      const media = await upload(item.file);
      item.mediaId = media.id;
      adopt(media.id, new File([item.file], media.name, { type: media.type }), item.preview);
    }
    const { chatId, to, body, mediaId, clientId } = item;
    const message = { clientId, ...(chatId ? { chatId } : { to }), ...(body && { body }), ...(mediaId && { mediaId }) };
    const stored = await emit("message:send", message);
    if (state.me === me || state.me?.id === me.id) await takeMessage(stored);
  } catch (error) {
    if (PASSING.has(error.code)) throw error;
    item.error = Object.values(error.details ?? {}).flat()[0] ?? error.message;
    save();
  }
}

function save() {
  const kept = state.outbox.filter((item) => !item.file).map(({ file, preview, ...rest }) => rest);
  if (kept.length) localStorage.setItem(key(), JSON.stringify(kept));
  else localStorage.removeItem(key());
  changed("messages", "chats");
}
