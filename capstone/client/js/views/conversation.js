/** The open chat: who it is with, its messages, and who types. */

import { start } from "../call.js";
import { isLookedAt, loadNewest, loadOlder, markRead } from "../chats.js";
import { meet, nameOf, titleOf } from "../people.js";
import { openChat, peerOf, state, watch } from "../store.js";
import { avatar, updateAvatar } from "./avatar.js";
import { initComposer } from "./composer.js";
import { byId, reconcile, setText, shortTime, toast } from "./dom.js";
import { createRow, rowsOf, updateRow } from "./message.js";

// Older messages are asked for this far before the top is reached.
const AHEAD = 300;
const NEAR = 80;

let shown = "";
let loading = "";
let drafting = null;

export function initConversation() {
  byId("conversation-avatar").append(avatar());
  drafting = initComposer({ onSent: toEnd });
  const scroller = byId("scroller");
  scroller.addEventListener("scroll", () => {
    // Whoever has scrolled away stays there when the window, or what is written, changes its size.
    stuck = isNearEnd();
    byId("to-end").hidden = stuck;
    if (scroller.scrollTop < AHEAD) older();
  });
  byId("to-end").addEventListener("click", toEnd);
  byId("call-audio").addEventListener("click", () => callPeer("audio"));
  byId("call-video").addEventListener("click", () => callPeer("video"));
  new ResizeObserver(() => stuck && toEnd()).observe(scroller);
  watch(["route", "messages", "people", "me"], render);
  watch(["presence", "typing", "people", "route", "chats"], renderHeader);
}

let stuck = true;

function isNearEnd() {
  const scroller = byId("scroller");
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
}

function toEnd() {
  const scroller = byId("scroller");
  scroller.scrollTop = scroller.scrollHeight;
  stuck = true;
}

function render() {
  const { chatId, withId, statusOf } = state.route;
  const target = chatId ?? withId ?? "";
  byId("app").dataset.pane = target || statusOf ? "detail" : "list";
  byId("conversation").hidden = !target || !state.me;
  byId("empty").hidden = Boolean(target || statusOf);
  if (!target || !state.me) {
    shown = "";
    byId("messages").replaceChildren();
    if (!state.me) drafting.forget();
    return;
  }
  if (withId) meet([withId]);
  const chat = openChat();
  const isNew = shown !== target;
  if (isNew) {
    shown = target;
    stuck = true;
    byId("messages").replaceChildren();
    drafting.begin(target);
  } else {
    stuck = isNearEnd();
  }
  if (chat && !chat.loaded && loading !== chat.id) load(chat.id);
  if (chat?.loaded && chat.unread && isLookedAt(chat)) markRead(chat);

  const waiting = state.outbox.filter((item) => (chat && item.chatId === chat.id) || (item.to && item.to === (withId ?? (chat && peerOf(chat)))));
  const keep = stuck ? null : anchor();
  reconcile(byId("messages"), rowsOf(chat, waiting), (row) => row.key, createRow, updateRow);
  byId("beginning").hidden = Boolean(chat && (!chat.loaded || chat.next)) || (!chat && Boolean(chatId));
  byId("loading").hidden = !(chat && (!chat.loaded || chat.next)) && !(chatId && !chat && !state.chatsLoaded);
  if (stuck) toEnd();
  else if (keep) byId("scroller").scrollTop += keep.element.getBoundingClientRect().top - keep.top;
  byId("to-end").hidden = stuck;
  renderHeader();
}

/** The first message in sight, which stays where it is when older ones come above it. */
function anchor() {
  const top = byId("scroller").getBoundingClientRect().top;
  for (const element of byId("messages").children) {
    const box = element.getBoundingClientRect();
    if (box.bottom > top && element.classList.contains("message")) return { element, top: box.top };
  }
  return null;
}

async function load(chatId) {
  loading = chatId;
  try {
    await loadNewest(chatId);
  } catch (error) {
    toast(error.message);
  } finally {
    loading = "";
  }
  older();
}

async function older() {
  const chat = openChat();
  const scroller = byId("scroller");
  if (!chat?.loaded || scroller.scrollTop > AHEAD) return;
  await loadOlder(chat).catch((error) => toast(error.message));
}

function renderHeader() {
  const { chatId, withId } = state.route;
  if (!state.me || !(chatId ?? withId)) return;
  const chat = openChat();
  const peer = chat ? peerOf(chat) : withId;
  const title = chat ? titleOf(chat) : withId ? nameOf(withId) : "Chat";
  setText(byId("conversation-title"), title);
  updateAvatar(byId("conversation-avatar").firstElementChild, { userId: peer, name: title });
  setText(byId("conversation-subtitle"), subtitle(chat, peer));
  for (const id of ["call-audio", "call-video"]) byId(id).hidden = !peer;

  const typing = chat ? [...(state.typing.get(chat.id)?.keys() ?? [])] : [];
  byId("typing").classList.toggle("shown", typing.length > 0);
  setText(byId("typing-text"), typing.length ? `${typing.map(nameOf).join(", ")} ${typing.length > 1 ? "are" : "is"} typing` : "");
}

function subtitle(chat, peer) {
  if (!peer) return chat ? chat.members.map((member) => nameOf(member.userId)).sort(youLast).join(", ") : "";
  if (state.online.has(peer)) return "online";
  const seen = state.lastSeen.get(peer);
  return seen ? `last seen ${shortTime(seen)}` : state.people.has(peer) ? `@${state.people.get(peer).username}` : "";
}

const youLast = (a, b) => (a === "You") - (b === "You") || a.localeCompare(b);

function callPeer(kind) {
  const chat = openChat();
  start(chat ? peerOf(chat) : state.route.withId, kind).catch((error) => toast(error.message));
}
