/** Where messages are written. A draft stays with its chat. */

import { sayTyping } from "../chats.js";
import { post } from "../outbox.js";
import { openChat, state } from "../store.js";
import { byId, setText, toast } from "./dom.js";
import { sizeText } from "../media.js";

const QUIET = 3000;
const LARGEST = 10 * 1024 * 1024;

const drafts = new Map();
let target = "";
let file = null;
let quiet = 0;

/** `onSent` is called when something was written. `begin` of the answer turns to another chat. */
export function initComposer({ onSent }) {
  const form = byId("composer");
  const field = byId("composer-text");
  const picker = byId("composer-file");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(onSent);
  });
  field.addEventListener("keydown", (event) => {
    // While somebody composes a letter of another script, Enter belongs to that.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send(onSent);
  });
  field.addEventListener("input", () => typed(field.value));
  field.addEventListener("paste", (event) => {
    const [pasted] = event.clipboardData?.files ?? [];
    if (!pasted) return;
    event.preventDefault();
    take(pasted);
  });
  picker.addEventListener("change", () => {
    if (picker.files[0]) take(picker.files[0]);
    picker.value = "";
  });
  byId("composer-attach").addEventListener("click", () => picker.click());
  byId("composer-remove").addEventListener("click", () => take(null));
  const pane = byId("conversation");
  pane.addEventListener("dragover", (event) => event.preventDefault());
  pane.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer?.files[0]) take(event.dataTransfer.files[0]);
  });
  return { begin, forget };
}

/** Forget all drafts, as after logging out. */
function forget() {
  clearTimeout(quiet);
  drafts.clear();
  target = "";
  byId("composer-text").value = "";
  take(null);
}

function begin(next) {
  const field = byId("composer-text");
  clearTimeout(quiet);
  if (target) drafts.set(target, field.value);
  target = next;
  field.value = drafts.get(next) ?? "";
  take(null);
  // On a touch screen the keyboard would cover what somebody came to read.
  if (matchMedia("(pointer: fine)").matches) field.focus();
}

function take(chosen) {
  if (chosen && chosen.size > LARGEST) {
    toast(`${chosen.name} has ${sizeText(chosen.size)}; a file may have 10 MB.`);
    return;
  }
  file = chosen;
  byId("composer-attachment").hidden = !file;
  setText(byId("composer-attachment-name"), file ? `${file.name} · ${sizeText(file.size)}` : "");
  if (file) byId("composer-text").focus();
}

function typed(text) {
  const chat = openChat();
  if (!chat) return;
  clearTimeout(quiet);
  const types = Boolean(text.trim());
  sayTyping(chat, types);
  if (types) quiet = setTimeout(sayTyping, QUIET, chat, false);
}

function send(onSent) {
  const field = byId("composer-text");
  const body = field.value.trim();
  if (!body && !file) return;
  const chat = openChat();
  if (!chat && !state.route.withId) return;
  post({ ...(chat ? { chatId: chat.id } : { to: state.route.withId }), body, file });
  field.value = "";
  take(null);
  typed("");
  field.focus();
  onSent();
}
