/** What this device knows, and who wants to hear when it changes. */

const fresh = () => ({
  me: null,
  connected: false,
  everConnected: false,
  chatsLoaded: false,
  people: new Map(),
  chats: new Map(),
  outbox: [],
  online: new Set(),
  lastSeen: new Map(),
  typing: new Map(),
  statuses: [],
  notifications: [],
  notificationsNext: null,
  unreadNotifications: 0,
  call: null,
  route: { tab: "chats" },
});

export const state = fresh();

const listeners = new Map();
const dirty = new Set();

/** Call `listener` after each change of any of these topics. */
export function watch(topics, listener) {
  for (const topic of topics) {
    if (!listeners.has(topic)) listeners.set(topic, new Set());
    listeners.get(topic).add(listener);
  }
}

/** Say that something changed. Several changes in one turn are told once. */
export function changed(...topics) {
  if (!dirty.size) queueMicrotask(tell);
  for (const topic of topics) dirty.add(topic);
}

/** Forget everything, as after logging out. */
export function reset() {
  const { route } = state;
  Object.assign(state, fresh(), { route });
  changed("me", "chats", "messages", "people", "presence", "typing", "statuses", "notifications", "call", "connection");
}

function tell() {
  const called = new Set();
  for (const topic of dirty) for (const listener of listeners.get(topic) ?? []) called.add(listener);
  dirty.clear();
  for (const listener of called) listener();
}

/** The chat that is open, or undefined. A chat that has no message yet exists only as `route.withId`. */
export function openChat() {
  const { chatId, withId } = state.route;
  return chatId ? state.chats.get(chatId) : withId ? directChatWith(withId) : undefined;
}

export function directChatWith(userId) {
  for (const chat of state.chats.values()) {
    if (chat.kind === "direct" && chat.members.some((member) => member.userId === userId)) return chat;
  }
  return undefined;
}

/** The other person of a direct chat. */
export function peerOf(chat) {
  return chat.kind === "direct" ? chat.members.find((member) => member.userId !== state.me?.id)?.userId : undefined;
}

/** How far a message of mine has come. */
export function statusOf(message, chat) {
  const others = chat.members.filter((member) => member.userId !== message.senderId);
  if (others.length && others.every((member) => member.read >= message.seq)) return "read";
  if (others.length && others.every((member) => member.delivered >= message.seq)) return "delivered";
  return "sent";
}
