/** HTTP: the envelope, the token, and its renewal. */

import { adopt, drop, keep, latest, onDropElsewhere, session } from "./tokens.js";

const BASE = "/api/v1";
// Renewed this long before it ends, so that no request is sent with a token that ends on its way.
const MARGIN = 30_000;

export class ApiError extends Error {
  constructor(status, { code = "internal", message = "Something went wrong.", details = null } = {}, retryAfter = 0) {
    super(message);
    Object.assign(this, { name: "ApiError", status, code, details, retryAfter });
  }
}

let ended = () => {};
let renewing = null;

/** Call `listener` when the session is over: logged out here or in another tab, or blocked. */
export function onSessionEnd(listener) {
  ended = listener;
}

onDropElsewhere(() => ended());

function dated({ accessToken, refreshToken, expiresIn }) {
  return { accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1000 };
}

function endSession() {
  if (!session()) return;
  drop();
  ended();
}

async function send(method, path, { json, form, token, keepalive = false } = {}) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(BASE + path, { method, headers, keepalive, body: json !== undefined ? JSON.stringify(json) : form });
  } catch {
    throw new ApiError(0, { code: "offline", message: "The server cannot be reached." });
  }
}

async function read(response) {
  if (response.status === 204) return null;
  let body = null;
  try {
    body = await response.json();
  } catch {
    // A proxy may answer for the server, and then it is no JSON.
  }
  if (response.ok && body?.success) return body.data;
  throw new ApiError(response.status, body?.error, Number(response.headers.get("Retry-After")) || 0);
}

/** The data of an answer, asked with the session's token. Throws ApiError. */
export async function request(method, path, options = {}) {
  return read(await authorized(method, path, options));
}

/** The response itself, for bytes. Throws ApiError. */
export async function authorized(method, path, options = {}) {
  const token = await accessToken();
  const response = await send(method, path, { ...options, token });
  if (response.status !== 401) return response;
  return send(method, path, { ...options, token: await renew(token) });
}

/** A token that is good for a while yet. */
export async function accessToken() {
  const now = session();
  if (!now) throw new ApiError(401, { code: "unauthorized", message: "You are logged out." });
  return now.expiresAt - Date.now() > MARGIN ? now.accessToken : renew(now.accessToken);
}

/**
 * Change the refresh token into a new pair. It is good once, so that of all tabs only one may do it: the lock
 * spans them, and whoever waited for it finds the new token already there.
 */
export function renew(stale) {
  renewing ??= locked(async () => {
    const now = session() && (await latest());
    if (!now) throw new ApiError(401, { code: "unauthorized", message: "You are logged out." });
    if (now.accessToken !== stale) {
      adopt(now);
      return now.accessToken;
    }
    try {
      await keep(dated(await read(await send("POST", "/auth/refresh", { json: { refreshToken: now.refreshToken } }))));
    } catch (error) {
      if (error.status === 401) endSession();
      throw error;
    }
    return session().accessToken;
  }).finally(() => {
    renewing = null;
  });
  return renewing;
}

function locked(work) {
  return navigator.locks ? navigator.locks.request("chat.renew", work) : work();
}

export async function register(account) {
  const answer = await read(await send("POST", "/auth/register", { json: account }));
  await keep(dated(answer));
  return answer.user;
}

export async function logIn(credentials) {
  const answer = await read(await send("POST", "/auth/login", { json: credentials }));
  await keep(dated(answer));
  return answer.user;
}

/** End the session here even where the server cannot be told. */
export async function logOut() {
  const now = session();
  try {
    if (now) await request("POST", "/auth/logout", { json: { refreshToken: now.refreshToken } });
  } catch (error) {
    console.warn("The server was not told of logging out:", error.message);
  }
  endSession();
}

export function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  return request("POST", "/media/upload", { form });
}
