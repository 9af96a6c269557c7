/** The round picture of a person or a group, with the dot that says who is there. */

import { thumbnail } from "../media.js";
import { state } from "../store.js";
import { h, icon } from "./dom.js";

const TONES = 6;

export function avatar(size = "") {
  return h("span", { className: `avatar ${size}`, "aria-hidden": "true" }, h("span", { className: "avatar-face" }), h("span", { className: "dot" }));
}

/** Show a person; `userId` undefined is a group. */
export function updateAvatar(element, { userId, name, presence = true }) {
  const face = element.firstElementChild;
  const person = state.people.get(userId);
  const wanted = `${userId ?? "group"} ${person?.avatar ?? ""} ${name}`;
  element.classList.toggle("online", Boolean(presence && userId && state.online.has(userId)));
  if (element.dataset.shows === wanted) return;
  element.dataset.shows = wanted;
  face.className = `avatar-face tone-${toneOf(userId ?? name)}`;
  face.replaceChildren(userId ? initials(name) : icon("group"));
  if (!person?.avatar) return;
  thumbnail(person.avatar).then(
    (url) => element.dataset.shows === wanted && face.replaceChildren(h("img", { src: url, alt: "" })),
    () => {},
  );
}

function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...word][0] ?? "").join("").toUpperCase();
}

function toneOf(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % TONES;
}
