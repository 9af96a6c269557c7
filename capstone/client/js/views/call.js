/** The dialog of a call: it rings, it shows both sides, it ends. */

import { accept, hangUp, setCameraOff, setMuted } from "../call.js";
import { nameOf } from "../people.js";
import { state, watch } from "../store.js";
import { avatar, updateAvatar } from "./avatar.js";
import { byId, icon, setText } from "./dom.js";

let clock = 0;

export function initCall() {
  byId("call-avatar").append(avatar("huge"));
  byId("call-accept").addEventListener("click", accept);
  byId("call-end").addEventListener("click", () => hangUp());
  byId("call-mute").addEventListener("click", () => setMuted(!state.call.muted));
  byId("call-camera").addEventListener("click", () => setCameraOff(!state.call.cameraOff));
  // Escape would close the dialog and leave the call going on unseen.
  byId("call").addEventListener("cancel", (event) => event.preventDefault());
  window.addEventListener("pagehide", () => hangUp());
  watch(["call", "people"], render);
}

function render() {
  const { call } = state;
  const dialog = byId("call");
  if (!call) {
    clearInterval(clock);
    clock = 0;
    if (dialog.open) dialog.close();
    show(byId("call-remote"), null);
    show(byId("call-local"), null);
    return;
  }
  Object.assign(dialog.dataset, { phase: call.phase, kind: call.kind, connection: call.connection });
  const name = nameOf(call.peerId);
  setText(byId("call-name"), name);
  updateAvatar(byId("call-avatar").firstElementChild, { userId: call.peerId, name, presence: false });
  setText(byId("call-note"), note(call));
  show(byId("call-remote"), call.remote);
  show(byId("call-local"), call.local);
  dialog.classList.toggle("with-video", call.phase === "active" && Boolean(call.remote?.getVideoTracks().length));
  byId("call-local").hidden = !call.local?.getVideoTracks().length || call.phase === "ended" || call.cameraOff;

  const ringing = call.phase === "incoming";
  byId("call-accept").hidden = !ringing;
  byId("call-end").hidden = call.phase === "ended";
  label("call-end", ringing ? "Decline" : "Hang up", "hangup");
  byId("call-mute").hidden = ringing || call.phase === "ended";
  byId("call-camera").hidden = byId("call-mute").hidden || !call.local?.getVideoTracks().length;
  toggle("call-mute", call.muted, ["Mute", "mic"], ["Unmute", "mic-off"]);
  toggle("call-camera", call.cameraOff, ["Turn the camera off", "camera"], ["Turn the camera on", "camera-off"]);
  // Only now, when its buttons are there: the first of them gets the focus.
  if (!dialog.open) dialog.showModal();
  if (call.connectedAt && !clock) clock = setInterval(() => state.call && setText(byId("call-note"), note(state.call)), 1000);
}

function note(call) {
  const kind = call.kind === "video" ? "Video" : "Voice";
  if (call.phase === "ended") return call.note;
  if (call.phase === "incoming") return `${kind} call for you`;
  if (call.phase === "starting") return "Asking for the microphone…";
  if (call.phase === "ringing") return "Ringing…";
  if (call.phase === "connecting") return "Connecting…";
  if (call.connection === "disconnected" || call.connection === "failed") return "The connection is interrupted…";
  const seconds = Math.floor((Date.now() - call.connectedAt) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function show(video, stream) {
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  // A browser may want a click before it makes sound; the answer to the call was one.
  if (stream) video.play().catch(() => {});
}

function toggle(id, on, off, onText) {
  const [text, drawing] = on ? onText : off;
  byId(id).setAttribute("aria-pressed", String(on));
  label(id, text, drawing);
}

function label(id, text, drawing) {
  const button = byId(id);
  if (button.getAttribute("aria-label") === text) return;
  button.setAttribute("aria-label", text);
  button.title = text;
  button.replaceChildren(icon(drawing));
}
