/** The Socket.IO connection: opened with a good token, opened again when it was lost, events as promises. */

import { io } from "../vendor/socket.io.esm.min.js";
import { accessToken, ApiError, renew } from "./api.js";
import { session } from "./tokens.js";

const ACK_WITHIN = 8000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

let socket = null;
let pause = FIRST_PAUSE;
let timer = 0;

/**
 * Connect. `handlers` maps names of events to functions, `after` gives the last seq of each chat, and `onState`
 * hears true and false.
 */
export function connect({ handlers, after, onState }) {
  disconnect();
  let refused = "";
  const own = io({
    // Sockets go first: where they are forbidden, the client falls back to polling.
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: FIRST_PAUSE,
    reconnectionDelayMax: 5000,
    autoConnect: false,
    auth: (give) => {
      accessToken().then(
        (token) => {
          refused = token;
          give({ token, after: after() });
        },
        // Without an answer the handshake would never go on; the server says no, and we come again.
        () => give({}),
      );
    },
  });
  socket = own;

  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => socket === own && session() && own.connect(), pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };
  own.on("connect", () => {
    pause = FIRST_PAUSE;
    onState(true);
  });
  own.on("disconnect", (reason) => {
    onState(false);
    // The library comes back by itself after everything but this: the server ends what its token no longer carries.
    if (reason === "io server disconnect") again();
  });
  own.on("connect_error", async (error) => {
    onState(false);
    if (own.active) return;
    if (error.message === "unauthorized" && session()) await renew(refused).catch(() => {});
    again();
  });
  for (const [event, handler] of Object.entries(handlers)) own.on(event, handler);
  own.connect();
}

export function disconnect() {
  clearTimeout(timer);
  socket?.removeAllListeners();
  socket?.disconnect();
  socket = null;
  pause = FIRST_PAUSE;
}

export function isConnected() {
  return Boolean(socket?.connected);
}

/** The data of the acknowledgement. Throws ApiError; its code is `offline` where nobody answered. */
export async function emit(event, payload) {
  if (!isConnected()) throw new ApiError(0, { code: "offline", message: "There is no connection." });
  let answer;
  try {
    answer = await socket.timeout(ACK_WITHIN).emitWithAck(event, payload);
  } catch {
    throw new ApiError(0, { code: "offline", message: "The server did not answer." });
  }
  if (answer?.success) return answer.data;
  throw new ApiError(0, answer?.error);
}

/** Emit what may be lost without harm. */
export function tell(event, payload) {
  emit(event, payload).catch((error) => {
    // A receipt for what is known already is a conflict, and nothing to worry about.
    if (!["offline", "conflict", "not_found"].includes(error.code)) console.warn(`${event}: ${error.message}`);
  });
}
