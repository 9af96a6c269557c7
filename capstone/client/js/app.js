/** The beginning: a session, its connection, and the address that says what is shown. */

import { logOut, onSessionEnd, request } from "./api.js";
import * as call from "./call.js";
import * as chats from "./chats.js";
import * as media from "./media.js";
import * as notifications from "./notifications.js";
import * as outbox from "./outbox.js";
import * as people from "./people.js";
import { connect, disconnect } from "./socket.js";
import * as statuses from "./statuses.js";
import { changed, openChat, peerOf, reset, state, watch } from "./store.js";
import { session } from "./tokens.js";
import { initAuth } from "./views/auth.js";
import { initCall } from "./views/call.js";
import { initConversation } from "./views/conversation.js";
import { initDialogs } from "./views/dialogs.js";
import { byId, toast } from "./views/dom.js";
import { initSidebar } from "./views/sidebar.js";
import { initStatusPane } from "./views/status.js";

const TABS = new Set(["chats", "contacts", "status", "alerts"]);

let showLogIn = () => {};

function begin(user) {
  state.me = user;
  people.recall();
  outbox.recall();
  byId("auth").hidden = true;
  byId("app").hidden = false;
  changed("me");
  people.meet(user.contacts);
  // Chats come first: what this device has decides what it asks for when it connects.
  chats.loadChats().catch(complain).finally(() => state.me === user && open());
  statuses.load().catch(complain);
  notifications.load().catch(complain);
}

function open() {
  const handlers = {
    ...chats.handlers,
    ...people.handlers,
    ...call.handlers,
    ...statuses.handlers,
    ...notifications.handlers,
    "session:sync": () => catchUp(),
  };
  connect({ handlers, after: chats.after, onState: connectionChanged });
}

function connectionChanged(connected) {
  const again = connected && state.everConnected;
  state.connected = connected;
  state.everConnected ||= connected;
  changed("connection");
  if (!connected) return;
  outbox.flush();
  people.askPresence();
  people.refresh([...state.me.contacts, ...[...state.chats.values()].map(peerOf).filter(Boolean)].slice(0, 30));
  // The server sends missed messages by itself; receipts, statuses and the rest are asked for.
  if (again) catchUp();
}

function catchUp() {
  chats.catchUp().catch(complain);
  statuses.load().catch(complain);
  notifications.load().catch(complain);
  people.askPresence();
}

function complain(error) {
  if (error.status === 401) return;
  toast(error.message ?? "Something went wrong.");
}

function end() {
  call.hangUp();
  disconnect();
  media.forget();
  reset();
  location.hash = "#/chats";
  byId("app").hidden = true;
  byId("auth").hidden = false;
  showLogIn();
}

function route() {
  const [tab = "chats", id] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (tab === "with") state.route = { tab: "contacts", withId: id };
  else if (tab === "status" && id) state.route = { tab, statusOf: id };
  else if (TABS.has(tab)) state.route = { tab, chatId: tab === "chats" ? id || undefined : undefined };
  else state.route = { tab: "chats" };
  changed("route", "messages", "chats");
}

function title() {
  const unread = [...state.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  document.title = unread ? `(${unread}) Chat` : "Chat";
}

async function main() {
  showLogIn = initAuth(begin);
  initDialogs({ logOut });
  initSidebar();
  initConversation();
  initStatusPane();
  initCall();
  onSessionEnd(end);
  watch(["chats"], title);
  watch(["chats", "messages"], () => {
    for (const chat of state.chats.values()) {
      const mine = chat.members.find((member) => member.userId === state.me?.id);
      if (mine?.read) notifications.chatWasRead(chat.id, mine.read);
    }
  });
  window.addEventListener("hashchange", route);
  document.addEventListener("visibilitychange", () => {
    const chat = openChat();
    if (chat?.loaded && chats.isLookedAt(chat)) chats.markRead(chat);
  });
  route();
  if (!session()) {
    byId("auth").hidden = false;
    return;
  }
  for (let pause = 500; session(); pause = Math.min(pause * 2, 10_000)) {
    try {
      begin(await request("GET", "/user/me"));
      return;
    } catch (error) {
      if (error.status === 401) return end();
      toast(error.message);
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

main();
