/** The four lists: chats, contacts, statuses, notifications. */

import { loadMore, read } from "../notifications.js";
import { addContact, find, nameOf, removeContact, titleOf } from "../people.js";
import { byPerson, isViewed } from "../statuses.js";
import { openChat, peerOf, state, statusOf, watch } from "../store.js";
import { avatar, updateAvatar } from "./avatar.js";
import { byId, clearErrors, h, icon, iconButton, reconcile, setText, shortTime, showErrors, toast } from "./dom.js";

let found = null;

export function initSidebar() {
  byId("me-avatar").append(avatar());
  watch(["me", "people"], renderMe);
  watch(["connection", "me"], renderConnection);
  watch(["route", "chats", "notifications", "statuses"], renderTabs);
  watch(["route", "chats", "messages", "people", "presence", "typing", "me"], renderChats);
  watch(["route", "people", "presence", "me"], renderContacts);
  watch(["route", "statuses", "people", "presence", "me"], renderStatuses);
  watch(["notifications", "people", "me"], renderAlerts);
  byId("alerts-read").addEventListener("click", () => read().catch((error) => toast(error.message)));
  byId("alerts-more").addEventListener("click", () => loadMore().catch((error) => toast(error.message)));

  const form = byId("find");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearErrors(form);
    const username = form.elements.username.value.trim().toLowerCase().replace(/^@/, "");
    if (!username) return;
    try {
      found = await find(username);
      if (found.id === state.me.id) throw Object.assign(new Error("That is you."), { details: { username: ["That is you."] } });
    } catch (error) {
      found = null;
      showErrors(form, error.code === "not_found" ? { details: { username: [`There is nobody called ${username}.`] } } : error);
    }
    renderContacts();
  });
}

/** A line of a list: a link with a picture, two lines of text, and what stands at their ends. */
function row() {
  return h(
    "li",
    { className: "row" },
    h(
      "a",
      { className: "row-link" },
      avatar(),
      h("span", { className: "row-title" }),
      h("span", { className: "row-time" }),
      h("span", { className: "row-text", dir: "auto" }),
      h("span", { className: "row-end" }),
    ),
  );
}

function fill(element, { href, current = false, userId, title, name = title, text = "", time = "", presence = true }) {
  const link = element.firstElementChild;
  if (link.getAttribute("href") !== href) link.setAttribute("href", href);
  if (current) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  updateAvatar(link.firstElementChild, { userId, name, presence });
  setText(link.querySelector(".row-title"), title);
  setText(link.querySelector(".row-text"), text);
  setText(link.querySelector(".row-time"), time);
  return link.querySelector(".row-end");
}

function badge(place, count, label) {
  const text = count > 99 ? "99+" : String(count);
  if (!count) place.replaceChildren();
  else if (place.textContent !== text) place.replaceChildren(h("span", { className: "badge", "aria-label": `${count} ${label}` }, text));
}

function renderMe() {
  if (!state.me) return;
  updateAvatar(byId("me-avatar").firstElementChild, { userId: state.me.id, name: state.me.name, presence: false });
  setText(byId("me-name"), state.me.name);
  setText(byId("me-username"), `@${state.me.username}`);
}

function renderConnection() {
  const text = state.connected ? "Connected" : state.everConnected ? "Reconnecting…" : "Connecting…";
  byId("connection").dataset.connected = state.connected;
  setText(byId("connection"), text);
}

function renderTabs() {
  for (const link of document.querySelectorAll("[data-tab]")) {
    const current = link.dataset.tab === state.route.tab;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    byId(`${link.dataset.tab}-panel`).hidden = !current;
  }
  const unread = [...state.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  badge(byId("chats-count"), unread, "unread messages");
  badge(byId("alerts-count"), state.unreadNotifications, "unread notifications");
  badge(byId("status-count"), state.statuses.filter((status) => !isViewed(status)).length, "new statuses");
}

const activity = (chat) => chat.lastMessage?.createdAt ?? "";

function renderChats() {
  if (!state.me) return;
  const chats = [...state.chats.values()].filter((chat) => chat.lastMessage || chat.kind === "group");
  // A group without a message was made a moment ago.
  chats.sort((a, b) => (activity(b) || "~").localeCompare(activity(a) || "~"));
  byId("no-chats").hidden = chats.length > 0 || !state.chatsLoaded;
  reconcile(byId("chats"), chats, (chat) => chat.id, row, (element, chat) => {
    const last = chat.lastMessage;
    const typing = [...(state.typing.get(chat.id)?.keys() ?? [])];
    const end = fill(element, {
      href: `#/chats/${chat.id}`,
      current: openChat() === chat,
      userId: peerOf(chat),
      title: titleOf(chat),
      text: typing.length ? "typing…" : last ? summary(chat, last) : "No messages yet",
      time: last ? shortTime(last.createdAt) : "",
    });
    element.classList.toggle("is-typing", typing.length > 0);
    element.classList.toggle("unread", chat.unread > 0);
    const ticks = last?.senderId === state.me.id ? statusOf(last, chat) : "";
    badge(end, chat.unread, "unread messages");
    if (end.dataset.status !== ticks || (ticks && !end.firstChild)) {
      end.dataset.status = ticks;
      if (ticks) end.replaceChildren(icon(ticks === "sent" ? "tick" : "ticks"));
    }
  });
}

function summary(chat, message) {
  const text = message.body || "Sent a file";
  if (message.senderId === state.me.id) return `You: ${text}`;
  return chat.kind === "group" ? `${nameOf(message.senderId)}: ${text}` : text;
}

function personLine(id) {
  if (state.online.has(id)) return "online";
  const seen = state.lastSeen.get(id);
  return seen ? `last seen ${shortTime(seen)}` : `@${state.people.get(id)?.username ?? "…"}`;
}

function renderContacts() {
  if (!state.me) {
    found = null;
    return;
  }
  const contacts = [...state.me.contacts].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  byId("no-contacts").hidden = contacts.length > 0;
  const make = (id) => {
    const element = row();
    const act = (work) => () => work(id).catch((error) => toast(error.message));
    element.append(
      iconButton("plus", "Add to contacts", act(addContact), "add"),
      iconButton("minus", "Remove from contacts", act(removeContact), "remove"),
    );
    return element;
  };
  const update = (element, id) => {
    const known = state.me.contacts.includes(id);
    fill(element, { href: `#/with/${id}`, current: state.route.withId === id, userId: id, title: nameOf(id), text: personLine(id) });
    element.querySelector(".add").hidden = known;
    element.querySelector(".remove").hidden = !known;
  };
  reconcile(byId("found"), found ? [found.id] : [], (id) => id, make, update);
  reconcile(byId("contacts"), contacts.filter((id) => id !== found?.id), (id) => id, make, update);
}

function renderStatuses() {
  if (!state.me) return;
  const groups = [...byPerson()].sort(([a], [b]) => (b === state.me.id) - (a === state.me.id));
  byId("no-statuses").hidden = groups.length > 0;
  reconcile(byId("statuses"), groups, ([id]) => id, row, (element, [id, list]) => {
    const last = list.at(-1);
    fill(element, {
      href: `#/status/${id}`,
      current: state.route.statusOf === id,
      userId: id,
      title: id === state.me.id ? "Your status" : nameOf(id),
      name: id === state.me.id ? state.me.name : nameOf(id),
      text: last.body || "A picture",
      time: shortTime(last.createdAt),
      presence: false,
    });
    element.classList.toggle("ring", list.some((status) => !isViewed(status)));
  });
}

function renderAlerts() {
  if (!state.me) return;
  byId("no-alerts").hidden = state.notifications.length > 0;
  byId("alerts-read").hidden = !state.unreadNotifications;
  byId("alerts-more").hidden = !state.notificationsNext;
  const make = (one) => {
    const element = row();
    element.firstElementChild.addEventListener("click", () => !one.read && read(one.id).catch((error) => toast(error.message)));
    return element;
  };
  reconcile(byId("alerts"), state.notifications, (one) => one.id, make, (element, { kind, data, createdAt, read: done }) => {
    const missed = kind === "missed_call";
    fill(element, {
      href: missed ? `#/with/${data.from}` : `#/chats/${data.chatId}`,
      userId: data.from,
      title: nameOf(data.from),
      text: missed ? `Missed ${data.kind ?? ""} call` : data.text || "Sent a file",
      time: shortTime(createdAt),
      presence: false,
    });
    element.classList.toggle("unread", !done);
  });
}
