/** Profiles, contacts and presence. */

import { request } from "./api.js";
import { emit } from "./socket.js";
import { changed, peerOf, state } from "./store.js";

const asked = new Set();
const key = () => `chat.people.${state.me.id}`;

/** Take up the names this device has seen before, so that a list has names before any answer. */
export function recall() {
  asked.clear();
  try {
    for (const person of JSON.parse(localStorage.getItem(key())) ?? []) state.people.set(person.id, person);
  } catch {
    localStorage.removeItem(key());
  }
  learn(state.me);
}

/** Remember a profile. */
export function learn({ id, username, name, about, avatar }) {
  state.people.set(id, { id, username, name, about, avatar });
  localStorage.setItem(key(), JSON.stringify([...state.people.values()].slice(-500)));
  changed("people");
}

/** Look up whoever of these has no name here yet; each is asked for once. */
export function meet(ids) {
  for (const id of ids) {
    if (state.people.has(id) || asked.has(id)) continue;
    asked.add(id);
    request("GET", `/user/${encodeURIComponent(id)}`).then(
      // A username may look like an id; what counts is whose profile came.
      (person) => person.id === id && learn(person),
      (error) => error.code === "offline" && asked.delete(id),
    );
  }
}

/** Look everybody up anew: names and pictures change. */
export function refresh(ids) {
  for (const id of ids) {
    const known = state.people.get(id);
    if (!known) continue;
    request("GET", `/user/${encodeURIComponent(known.username)}`).then(
      (person) => person.id === id && JSON.stringify(person) !== JSON.stringify(known) && learn(person),
      () => {},
    );
  }
}

export function nameOf(id) {
  if (id === state.me?.id) return "You";
  return state.people.get(id)?.name ?? "Somebody new";
}

export function titleOf(chat) {
  return chat.kind === "group" ? chat.name : nameOf(peerOf(chat));
}

/** The profile with this username. Throws ApiError. */
export async function find(username) {
  const person = await request("GET", `/user/${encodeURIComponent(username)}`);
  learn(person);
  return person;
}

/** Send changes of the own profile. Throws ApiError. */
export async function updateProfile(changes) {
  state.me = await request("PUT", "/user/profile", { json: changes });
  learn(state.me);
  changed("me", "people");
}

export async function addContact(id) {
  await updateProfile({ contacts: [...state.me.contacts.filter((other) => other !== id), id] });
  await askPresence();
}

export async function removeContact(id) {
  await updateProfile({ contacts: state.me.contacts.filter((other) => other !== id) });
}

/** Ask who of the people shown is there. */
export async function askPresence() {
  const ids = new Set(state.me.contacts);
  for (const chat of state.chats.values()) for (const { userId } of chat.members) ids.add(userId);
  ids.delete(state.me.id);
  if (!ids.size) return;
  try {
    const { online, lastSeen } = await emit("user:presence", { userIds: [...ids].slice(0, 500) });
    state.online = new Set(online);
    for (const [id, when] of Object.entries(lastSeen)) state.lastSeen.set(id, when);
    changed("presence");
  } catch (error) {
    if (error.code !== "offline") console.warn("Presence:", error.message);
  }
}

export const handlers = {
  "user:online": ({ userId }) => {
    state.online.add(userId);
    changed("presence");
  },
  "user:offline": ({ userId, lastSeen }) => {
    state.online.delete(userId);
    state.lastSeen.set(userId, lastSeen);
    changed("presence");
  },
};
