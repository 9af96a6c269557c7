/** Looking at somebody's statuses, and posting one. */

import { nameOf } from "../people.js";
import { byPerson, post, view } from "../statuses.js";
import { state, watch } from "../store.js";
import { attachment } from "./attachment.js";
import { avatar, updateAvatar } from "./avatar.js";
import { byId, clearErrors, h, icon, reconcile, setText, shortTime, showErrors } from "./dom.js";

export function initStatusPane() {
  byId("status-avatar").append(avatar());
  watch(["route", "statuses", "people", "me", "connection"], render);
  const dialog = byId("status-dialog");
  const form = byId("status-form");
  byId("status-new").addEventListener("click", () => dialog.showModal());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearErrors(form);
    const body = form.elements.body.value.trim();
    const [file] = form.elements.mediaId.files;
    if (!body && !file) {
      showErrors(form, { details: { body: ["Write something, or choose a picture."] } });
      return;
    }
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      await post(body, file);
      form.reset();
      dialog.close();
      location.hash = `#/status/${state.me.id}`;
    } catch (error) {
      showErrors(form, error);
    } finally {
      button.disabled = false;
    }
  });
}

function render() {
  const id = state.route.statusOf;
  byId("status-pane").hidden = !id || !state.me;
  if (!id || !state.me) return;
  const own = id === state.me.id;
  const list = byPerson().get(id) ?? [];
  const title = own ? "Your status" : nameOf(id);
  setText(byId("status-title"), title);
  setText(byId("status-subtitle"), list.length ? `${list.length} of the last 24 hours` : "Nothing to see any more");
  updateAvatar(byId("status-avatar").firstElementChild, { userId: id, name: own ? state.me.name : nameOf(id), presence: false });
  reconcile(byId("status-list"), [...list].reverse(), (status) => `${id} ${status.id}`, create, update);
  if (state.connected && document.visibilityState === "visible") list.forEach(view);
}

function create(status) {
  return h(
    "li",
    { className: status.mediaId ? "status-card" : "status-card words" },
    status.mediaId && attachment(status, true),
    status.body && h("p", { className: "text", dir: "auto" }, status.body),
    h("div", { className: "status-foot" }, h("time", { datetime: status.createdAt }, shortTime(status.createdAt)), h("span", { className: "views" })),
  );
}

function update(element, status) {
  const place = element.querySelector(".views");
  if (status.userId !== state.me.id) return;
  const views = status.views ?? 0;
  if (place.dataset.views === String(views)) return;
  place.dataset.views = views;
  place.replaceChildren(icon("eye"), `${views} ${views === 1 ? "view" : "views"}`);
}
