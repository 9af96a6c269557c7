/** Signing up and logging in. */

import { logIn, register } from "../api.js";
import { byId, clearErrors, showErrors } from "./dom.js";

// The server decides; these sentences only say the same in friendlier words.
const FRIENDLIER = {
  username: "3 to 30 small letters, digits or _.",
  password: "At least 10 characters.",
  email: "This is no email address.",
};

/** `begin` gets the person who has logged in. The answer shows the form for logging in. */
export function initAuth(begin) {
  const logInForm = byId("log-in");
  const signUpForm = byId("sign-up");

  const show = (form) => {
    for (const one of [logInForm, signUpForm]) {
      one.hidden = one !== form;
      clearErrors(one);
    }
    form.querySelector("input").focus();
  };
  byId("to-sign-up").addEventListener("click", () => show(signUpForm));
  byId("to-log-in").addEventListener("click", () => show(logInForm));

  handle(logInForm, async ({ email, password }) => begin(await logIn({ email, password })));
  handle(signUpForm, async ({ name, username, email, password }) => {
    const account = { username: username.trim().toLowerCase(), email: email.trim(), password };
    begin(await register(name.trim() ? { ...account, name: name.trim() } : account));
  });
  return () => show(logInForm);
}

function handle(form, submit) {
  const button = form.querySelector("[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearErrors(form);
    const missing = [...form.elements].filter((field) => field.required && !field.value.trim());
    if (missing.length) {
      showErrors(form, { details: Object.fromEntries(missing.map((field) => [field.name, ["Please fill this in."]])) });
      return;
    }
    button.disabled = true;
    try {
      await submit(Object.fromEntries(new FormData(form)));
      form.reset();
    } catch (error) {
      showErrors(form, friendlier(error));
    } finally {
      button.disabled = false;
    }
  });
  form.addEventListener("input", ({ target }) => {
    target.removeAttribute("aria-invalid");
    const place = form.querySelector(`[data-error="${target.name}"]`);
    if (place) place.textContent = "";
  });
}

function friendlier(error) {
  if (error.code === "too_many") return { message: `Too many tries. Please wait ${error.retryAfter || 60} seconds.` };
  if (error.code === "conflict" && !error.details) {
    const field = /email/i.test(error.message) ? "email" : /username/i.test(error.message) ? "username" : null;
    return field ? { details: { [field]: [error.message] } } : error;
  }
  if (error.code !== "invalid" || !error.details) return error;
  const details = Object.fromEntries(
    Object.entries(error.details).map(([field, sentences]) => [field, FRIENDLIER[field] ? [FRIENDLIER[field]] : sentences]),
  );
  return { details };
}
