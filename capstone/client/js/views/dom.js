/** Building pages from values. Text is always text: nothing here parses what people wrote. */

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element: `on` holds listeners, `dataset` data, `true` is an attribute without value, children are nodes or text. */
export function h(tag, { on = {}, dataset = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name === "className" ? "class" : name, value === true ? "" : String(value));
  }
  Object.assign(element.dataset, dataset);
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A drawing from index.html; it says nothing to screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, onClick, className = "") {
  return h("button", { type: "button", className: `icon-button ${className}`, "aria-label": label, title: label, on: { click: onClick } }, icon(name));
}

/** Change text only where it differs, so that selections and screen readers are left alone. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Make the children of `parent` those of `items`, keeping the elements of items that were there before. `create`
 * makes an element, `update` brings one up to date.
 */
export function reconcile(parent, items, keyOf, create, update) {
  const wanted = new Set(items.map((item) => String(keyOf(item))));
  const before = new Map();
  for (const child of [...parent.children]) {
    const { key } = child.dataset;
    // What goes is taken away first: what stays then need not move, and keeps its focus.
    if (!wanted.has(key) || before.has(key)) child.remove();
    else before.set(key, child);
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let element = before.get(key);
    if (!element) {
      element = create(item);
      element.dataset.key = key;
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
    update(element, item);
  }
}

let toastTimer = 0;

/** Say something at the edge of the page for a while. */
export function toast(text) {
  const element = byId("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    element.hidden = true;
  }, 5000);
}

/** Show errors of an answer at the fields of a form that they are about, and the rest above its button. */
export function showErrors(form, error) {
  clearErrors(form);
  const rest = [];
  const details = error.details ?? {};
  for (const [path, sentences] of Object.entries(details)) {
    const field = form.elements[path.split(".")[0]];
    const place = field && form.querySelector(`[data-error="${field.name}"]`);
    if (!place) {
      rest.push(...sentences);
      continue;
    }
    place.textContent = sentences.join(" ");
    field.setAttribute("aria-invalid", "true");
  }
  if (!Object.keys(details).length) rest.push(error.message);
  form.querySelector("[data-error=form]").textContent = rest.join(" ");
  form.querySelector("[aria-invalid=true]")?.focus();
}

export function clearErrors(form) {
  for (const place of form.querySelectorAll("[data-error]")) place.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const longDate = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export const timeText = (when) => clock.format(new Date(when));

/** The time where it was today, else the day. */
export function shortTime(when) {
  const moment = new Date(when);
  return moment.toDateString() === new Date().toDateString() ? clock.format(moment) : date.format(moment);
}

export function dayText(when) {
  const moment = new Date(when);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(moment).setHours(0, 0, 0, 0)) / 86_400_000);
  return days === 0 ? "Today" : days === 1 ? "Yesterday" : longDate.format(moment);
}
