/** Statuses: what people show for a day. */

import { request, upload } from "./api.js";
import { adopt } from "./media.js";
import { meet } from "./people.js";
import { tell } from "./socket.js";
import { changed, state } from "./store.js";

const viewed = new Set();
let timer = 0;

export async function load() {
  const { statuses } = await request("GET", "/status");
  state.statuses = statuses;
  meet(statuses.map((status) => status.userId));
  tidy();
}

/** Show something. Throws ApiError. */
export async function post(body, file) {
  let mediaId = null;
  if (file) {
    const media = await upload(file);
    mediaId = media.id;
    adopt(media.id, new File([file], media.name, { type: media.type }), URL.createObjectURL(file));
  }
  take(await request("POST", "/status", { json: { ...(body && { body }), ...(mediaId && { mediaId }) } }));
}

/** Tell its owner, once, that a status was looked at. */
export function view(status) {
  if (status.userId === state.me.id || viewed.has(status.id)) return;
  viewed.add(status.id);
  tell("status:view", { statusId: status.id });
  changed("statuses");
}

export const isViewed = (status) => status.userId === state.me.id || viewed.has(status.id);

/** Everybody who shows something, the latest first, with it from the oldest on. */
export function byPerson() {
  const groups = new Map();
  for (const status of state.statuses) {
    if (!groups.has(status.userId)) groups.set(status.userId, []);
    groups.get(status.userId).unshift(status);
  }
  return groups;
}

export const handlers = {
  "status:new": (status) => {
    meet([status.userId]);
    take(status);
  },
  "status:view": ({ statusId, views }) => {
    const status = state.statuses.find((one) => one.id === statusId);
    if (status) status.views = Math.max(status.views ?? 0, views);
    changed("statuses");
  },
};

function take(status) {
  if (state.statuses.some((one) => one.id === status.id)) return;
  state.statuses = [status, ...state.statuses];
  tidy();
}

/** Take away what has ended, now and when the next one ends. */
function tidy() {
  const now = Date.now();
  state.statuses = state.statuses.filter((status) => Date.parse(status.expiresAt) > now);
  clearTimeout(timer);
  if (state.statuses.length) {
    const next = Math.min(...state.statuses.map((status) => Date.parse(status.expiresAt)));
    timer = setTimeout(tidy, next - now + 50);
  }
  changed("statuses");
}
