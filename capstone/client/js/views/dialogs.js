/** The small dialogs: a new group, the own profile, a picture in full. */

import { upload } from "../api.js";
import { makeGroup } from "../chats.js";
import { nameOf, updateProfile } from "../people.js";
import { peerOf, state } from "../store.js";
import { byId, clearErrors, h, setText, showErrors } from "./dom.js";

export function initDialogs({ logOut }) {
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  for (const dialog of document.querySelectorAll("dialog:not(#call)")) {
    // A click beside a dialog is one on the dialog itself, and on nothing in it.
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      const form = dialog.querySelector("form");
      if (form) clearErrors(form);
    });
  }
  byId("log-out").addEventListener("click", () => {
    byId("profile-dialog").close();
    logOut();
  });
  byId("group-new").addEventListener("click", openGroup);
  byId("me").addEventListener("click", openProfile);
  submits(byId("group-form"), async (form) => {
    const members = [...form.querySelectorAll("[name=members]:checked")].map((field) => field.value);
    if (!form.elements.name.value.trim()) throw { details: { name: ["A group needs a name."] } };
    if (!members.length) throw { message: "Choose at least one person." };
    const chat = await makeGroup(form.elements.name.value.trim(), members);
    location.hash = `#/chats/${chat.id}`;
  });
  submits(byId("profile-form"), async (form) => {
    const changes = { name: form.elements.name.value.trim(), about: form.elements.about.value.trim() };
    if (!changes.name) throw { details: { name: ["Please fill this in."] } };
    const [picture] = form.elements.avatar.files;
    if (picture) changes.avatar = (await upload(picture)).id;
    await updateProfile(changes);
  });
}

/** Show a picture as large as the window. `address` is one of this page. */
export function openPicture(address, name) {
  byId("picture").src = address;
  byId("picture").alt = name;
  byId("picture-save").href = address;
  byId("picture-save").download = name;
  byId("picture-dialog").showModal();
}

function submits(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearErrors(form);
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      await work(form);
      form.reset();
      form.closest("dialog").close();
    } catch (error) {
      showErrors(form, error);
    } finally {
      button.disabled = false;
    }
  });
}

function openGroup() {
  const people = new Set(state.me.contacts);
  for (const chat of state.chats.values()) if (peerOf(chat)) people.add(peerOf(chat));
  const sorted = [...people].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  byId("group-people").replaceChildren(
    ...sorted.map((id) => h("label", { className: "choice" }, h("input", { type: "checkbox", name: "members", value: id }), h("span", {}, nameOf(id)))),
  );
  byId("group-nobody").hidden = sorted.length > 0;
  byId("group-dialog").showModal();
}

function openProfile() {
  const form = byId("profile-form");
  form.elements.name.value = state.me.name;
  form.elements.about.value = state.me.about;
  setText(byId("profile-facts"), `@${state.me.username} · ${state.me.email}`);
  byId("profile-dialog").showModal();
}
