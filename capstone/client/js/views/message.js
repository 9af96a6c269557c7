/** One message of a conversation. */

import { discard, retry } from "../outbox.js";
import { nameOf } from "../people.js";
import { state, statusOf } from "../store.js";
import { attachment } from "./attachment.js";
import { dayText, h, icon, setText, timeText } from "./dom.js";

const STATUS = {
  sending: ["clock", "Sending"],
  sent: ["tick", "Sent"],
  delivered: ["ticks", "Delivered"],
  read: ["ticks", "Read"],
  failed: ["alert", "Not sent"],
};

/** What a conversation shows, from the oldest on: days, messages, and what still waits to be sent. */
export function rowsOf(chat, waiting) {
  const rows = [];
  let day = "";
  let before = null;
  for (const message of [...(chat?.messages ?? []), ...waiting]) {
    const today = new Date(message.createdAt).toDateString();
    if (today !== day) rows.push({ key: `day ${today}`, day: message.createdAt });
    const mine = !message.senderId || message.senderId === state.me.id;
    const sender = mine ? state.me.id : message.senderId;
    const follows = before === sender && today === day;
    // What was sent keeps the element that it had while it waited.
    rows.push({ key: mine ? `own ${message.clientId}` : message.id, message, mine, sender, follows, chat });
    day = today;
    before = sender;
  }
  return rows;
}

export function createRow({ day, message, mine, sender, chat }) {
  if (day) return h("li", { className: "day" }, h("span", {}, dayText(day)));
  const foot = h("span", { className: "message-foot" }, h("time", { datetime: message.createdAt }, timeText(message.createdAt)));
  if (mine) foot.append(h("span", { className: "status", role: "img" }));
  const bubble = h(
    "div",
    { className: "bubble" },
    !mine && chat?.kind === "group" && h("span", { className: "sender" }, nameOf(sender)),
    (message.mediaId || message.file) && attachment(message),
    message.body && h("p", { className: "text", dir: "auto" }, message.body),
    foot,
  );
  return h("li", { className: `message ${mine ? "mine" : "theirs"}` }, bubble, mine && h("div", { className: "trouble", hidden: true }));
}

export function updateRow(element, { day, message, mine, sender, follows, chat }) {
  if (day) return;
  element.classList.toggle("follows", follows);
  element.dataset.seq = message.seq ?? "";
  const named = element.querySelector(".sender");
  if (named) setText(named, nameOf(sender));
  if (!mine) return;
  const status = message.seq ? statusOf(message, chat) : message.error ? "failed" : "sending";
  if (element.dataset.status !== status) {
    element.dataset.status = status;
    const [drawing, label] = STATUS[status];
    const place = element.querySelector(".status");
    place.replaceChildren(icon(drawing));
    place.setAttribute("aria-label", label);
    place.title = label;
  }
  const trouble = element.querySelector(".trouble");
  if (status === "failed" && trouble.hidden) {
    trouble.replaceChildren(
      h("span", {}, message.error),
      h("button", { type: "button", className: "link", on: { click: () => retry(message) } }, "Try again"),
      h("button", { type: "button", className: "link", on: { click: () => discard(message) } }, "Discard"),
    );
  }
  trouble.hidden = status !== "failed";
}
