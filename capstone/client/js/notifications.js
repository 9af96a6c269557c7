/** Notifications: what the server noted for this person, and how many are unread. */

import { request } from "./api.js";
import { meet } from "./people.js";
import { changed, state } from "./store.js";

export async function load() {
  take(await request("GET", "/notification?limit=30"), []);
}

export async function loadMore() {
  if (!state.notificationsNext) return;
  const before = encodeURIComponent(state.notificationsNext);
  take(await request("GET", `/notification?limit=30&before=${before}`), state.notifications);
}

/** Mark one as read, or all. */
export async function read(id) {
  const { unread } = await request("POST", "/notification/read", { json: id ? { ids: [id] } : {} });
  for (const one of state.notifications) if (!id || one.id === id) one.read = true;
  state.unreadNotifications = unread;
  changed("notifications");
}

/** Reading a chat reads its notifications on the server; here the same is seen at once. */
export function chatWasRead(chatId, seq) {
  for (const one of state.notifications) {
    if (one.read || one.kind !== "message" || one.data.chatId !== chatId || one.data.seq > seq) continue;
    one.read = true;
    state.unreadNotifications = Math.max(0, state.unreadNotifications - 1);
  }
  changed("notifications");
}

export const handlers = {
  "notification:new": ({ notification, unread }) => {
    if (!state.notifications.some((one) => one.id === notification.id)) state.notifications.unshift(notification);
    meet([notification.data.from]);
    state.unreadNotifications = unread;
    const mine = state.chats.get(notification.data.chatId)?.members.find((member) => member.userId === state.me.id);
    // A worker notes it a moment later than it is read in an open chat.
    if (mine && mine.read >= notification.data.seq) chatWasRead(notification.data.chatId, notification.data.seq);
    changed("notifications");
  },
};

function take({ notifications, next, unread }, before) {
  const ids = new Set(before.map((one) => one.id));
  state.notifications = [...before, ...notifications.filter((one) => !ids.has(one.id))];
  state.notificationsNext = next;
  state.unreadNotifications = unread;
  meet(notifications.map((one) => one.data.from).filter(Boolean));
  changed("notifications");
}
