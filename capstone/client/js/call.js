/** A call between two browsers. The server carries the signals; sound and pictures go directly. */

import { request } from "./api.js";
import { emit, tell } from "./socket.js";
import { changed, state } from "./store.js";

const RINGS_FOR = 32_000;
const OFFER_AGAIN = 4000;
const LOST_AFTER = 15_000;
const SHOWN_AFTER_END = 2500;

const REASONS = {
  hung_up: "Call ended",
  declined: "Declined",
  cancelled: "Cancelled",
  missed: "No answer",
  lost: "The connection was lost",
  taken: "Answered on another device",
};

/** Call somebody. Throws ApiError where it cannot begin. */
export async function start(peerId, kind) {
  if (state.call) return;
  const call = begin({ id: null, peerId, kind, role: "caller", phase: "starting" });
  if (!(await openDevices(call))) return;
  try {
    call.id = (await request("POST", "/call/start", { json: { to: peerId, kind } })).id;
  } catch (error) {
    finish(call, error.code === "busy" ? "Somebody is in another call" : error.message);
    return;
  }
  if (call !== state.call || call.phase === "ended") {
    // Hung up before the server had an id for it.
    tell("call:end", { callId: call.id });
    return;
  }
  connectPeer(call);
  call.phase = "ringing";
  changed("call");
  await call.pc.setLocalDescription();
  await offer(call);
  // Whoever connects only now has not heard the first offer.
  call.timers.push(setInterval(() => call.phase === "ringing" && offer(call), OFFER_AGAIN));
  call.timers.push(setTimeout(() => call.phase === "ringing" && hangUp("missed"), RINGS_FOR));
}

/** Take the call that rings. */
export async function accept() {
  const call = state.call;
  if (call?.phase !== "incoming") return;
  call.phase = "connecting";
  changed("call");
  if (!(await openDevices(call))) {
    tell("call:end", { callId: call.id });
    return;
  }
  try {
    connectPeer(call);
    await answer(call, call.offer);
  } catch (error) {
    finish(call, error.message);
  }
}

/** End the call, in whatever state it is. */
export function hangUp(reason = "hung_up") {
  const call = state.call;
  if (!call || call.phase === "ended") return;
  if (call.id) {
    // Over HTTP it also reaches the server where the connection is just being made again, or the page goes away.
    request("POST", "/call/end", { json: { callId: call.id }, keepalive: true }).catch((error) => console.warn("Hanging up:", error.message));
  }
  const refusal = { incoming: "declined", ringing: reason === "missed" ? "missed" : "cancelled" }[call.phase];
  finish(call, REASONS[refusal ?? reason]);
}

export function setMuted(muted) {
  setTracks("audio", !muted);
  state.call.muted = muted;
  changed("call");
}

export function setCameraOff(off) {
  setTracks("video", !off);
  state.call.cameraOff = off;
  changed("call");
}

export const handlers = {
  "call:offer": async ({ callId, from, offer: description, kind }) => {
    const call = state.call;
    if (call?.id === callId) {
      if (call.phase === "incoming") call.offer = description;
      // The same offer again changes nothing; a new one is a restart of the connection.
      else if (call.pc?.remoteDescription && origin(description) !== origin(call.pc.remoteDescription)) {
        await answer(call, description).catch((error) => console.warn("A new offer:", error.message));
      }
      return;
    }
    if (call && call.phase !== "ended") return;
    if (call) clear(call);
    const video = kind ? kind === "video" : /^m=video/m.test(String(description?.sdp));
    const rings = begin({
      id: callId, peerId: from, kind: video ? "video" : "audio", role: "callee", phase: "incoming", offer: description,
    });
    rings.timers.push(setTimeout(() => rings.phase === "incoming" && finish(rings, REASONS.missed), RINGS_FOR));
  },
  "call:answer": async ({ callId, answer: description }) => {
    const call = current(callId);
    if (!call?.pc || call.pc.signalingState !== "have-local-offer") return;
    if (call.phase === "ringing") call.phase = "connecting";
    changed("call");
    await call.pc.setRemoteDescription(description);
    await addCandidates(call);
  },
  "call:ice": async ({ callId, candidate }) => {
    const call = current(callId);
    if (!call) return;
    call.arrived.push(candidate);
    await addCandidates(call);
  },
  "call:taken": ({ callId }) => {
    const call = current(callId);
    if (call?.phase === "incoming") finish(call, REASONS.taken);
  },
  "call:end": ({ callId, reason }) => {
    const call = current(callId);
    if (call) finish(call, REASONS[reason] ?? REASONS.hung_up);
  },
};

function begin(call) {
  state.call = {
    ...call, pc: null, local: null, remote: null, connection: "new", muted: false, cameraOff: false, note: "",
    connectedAt: 0, arrived: [], waiting: [], offered: call.role === "callee", timers: [],
  };
  changed("call");
  return state.call;
}

function current(callId) {
  return state.call?.id === callId && state.call.phase !== "ended" ? state.call : null;
}

/** Microphone and camera. Where there is no camera, a video call goes on with sound. */
async function openDevices(call) {
  const wanted = call.kind === "video" ? [{ audio: true, video: true }, { audio: true }] : [{ audio: true }];
  for (const devices of wanted) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(devices);
      if (call.phase === "ended") {
        for (const track of stream.getTracks()) track.stop();
        return false;
      }
      call.local = stream;
      changed("call");
      return true;
    } catch {
      // The next, smaller wish may be granted.
    }
  }
  if (call.phase !== "ended") finish(call, "There is no microphone, or it may not be used");
  return false;
}

function connectPeer(call) {
  // Without servers in between, only addresses of the machines themselves are tried.
  const pc = new RTCPeerConnection({ iceServers: [] });
  Object.assign(call, { pc, remote: new MediaStream() });
  for (const track of call.local.getTracks()) pc.addTrack(track, call.local);
  // Who has no camera may see the other one all the same.
  if (call.role === "caller" && call.kind === "video" && !call.local.getVideoTracks().length) {
    pc.addTransceiver("video", { direction: "recvonly" });
  }
  pc.addEventListener("track", ({ track }) => {
    call.remote.addTrack(track);
    changed("call");
  });
  pc.addEventListener("icecandidate", ({ candidate }) => {
    if (!candidate) return;
    if (call.offered) tell("call:ice", { callId: call.id, candidate: candidate.toJSON() });
    else call.waiting.push(candidate.toJSON());
  });
  pc.addEventListener("connectionstatechange", () => connectionChanged(call));
}

function connectionChanged(call) {
  const { pc } = call;
  if (call.phase === "ended") return;
  call.connection = pc.connectionState;
  if (pc.connectionState === "connected") {
    call.phase = "active";
    call.connectedAt ||= Date.now();
  } else if (["disconnected", "failed"].includes(pc.connectionState)) {
    if (pc.connectionState === "failed" && call.role === "caller") restart(call);
    call.timers.push(setTimeout(() => pc.connectionState !== "connected" && call === state.call && hangUp("lost"), LOST_AFTER));
  }
  changed("call");
}

async function restart(call) {
  call.pc.restartIce();
  await call.pc.setLocalDescription();
  await offer(call);
}

async function offer(call) {
  try {
    await emit("call:offer", { callId: call.id, offer: call.pc.localDescription.toJSON() });
  } catch (error) {
    if (error.code !== "offline") console.warn("An offer:", error.message);
    return;
  }
  // Nothing may follow an offer before the server has it.
  call.offered = true;
  for (const candidate of call.waiting.splice(0)) tell("call:ice", { callId: call.id, candidate });
}

async function answer(call, description) {
  await call.pc.setRemoteDescription(description);
  await call.pc.setLocalDescription();
  await emit("call:answer", { callId: call.id, answer: call.pc.localDescription.toJSON() });
  await addCandidates(call);
}

async function addCandidates(call) {
  if (!call.pc?.remoteDescription) return;
  for (const candidate of call.arrived.splice(0)) {
    await call.pc.addIceCandidate(candidate).catch((error) => console.warn("A candidate:", error.message));
  }
}

/** Who made a description, and which version it is: one that was sent again has the same. */
function origin(description) {
  return /^o=.*$/m.exec(String(description?.sdp))?.[0];
}

function setTracks(kind, enabled) {
  for (const track of state.call?.local?.getTracks() ?? []) if (track.kind === kind) track.enabled = enabled;
}

function finish(call, note) {
  if (call.phase === "ended") return;
  Object.assign(call, { phase: "ended", note });
  for (const timer of call.timers) clearTimeout(timer);
  for (const track of call.local?.getTracks() ?? []) track.stop();
  call.pc?.close();
  changed("call");
  setTimeout(clear, SHOWN_AFTER_END, call);
}

function clear(call) {
  if (state.call !== call) return;
  state.call = null;
  changed("call");
}
