/** A file within a message or a status: picture, film, sound, or something to save. */

import { describe, sizeText, thumbnail, whole } from "../media.js";
import { openPicture } from "./dialogs.js";
import { h, icon } from "./dom.js";

/** A tile of one size, whatever is in it, so that nothing moves when it arrives. */
export function attachment({ mediaId, file, preview }, large = false) {
  const tile = h("div", { className: large ? "tile large" : "tile" }, h("span", { className: "spinner" }));
  if (file) fill(tile, { type: file.type, size: file.size, name: file.name }, async () => preview, large);
  else load(tile, mediaId, large);
  return tile;
}

async function load(tile, mediaId, large) {
  try {
    const description = await describe(mediaId);
    await fill(tile, description, (small) => (small ? thumbnail(mediaId) : whole(mediaId)), large);
  } catch (error) {
    const again = () => {
      tile.replaceChildren(h("span", { className: "spinner" }));
      load(tile, mediaId, large);
    };
    const gone = error.status === 404;
    tile.replaceChildren(
      h("span", { className: "tile-note" }, gone ? "This file is not there." : "This file did not load."),
      gone ? null : h("button", { type: "button", className: "link", on: { click: again } }, "Try again"),
    );
  }
}

/** `addressOf(small)` gives an address of the whole file or of a small picture of it. */
async function fill(tile, { type, size, name }, addressOf, large) {
  const kind = type.split("/")[0];
  if (kind === "image") {
    const image = h("img", { src: await addressOf(!large), alt: `Picture: ${name}` });
    const open = async () => openPicture(await addressOf(false), name);
    tile.replaceChildren(h("button", { type: "button", className: "tile-picture", "aria-label": `Open the picture ${name}`, on: { click: open } }, image));
    return;
  }
  if (kind === "video") {
    tile.replaceChildren(h("video", { src: await addressOf(false), controls: true, playsinline: true, "aria-label": name }));
    return;
  }
  const facts = h("span", { className: "tile-facts" }, h("strong", {}, name), h("span", {}, sizeText(size)));
  if (kind === "audio") {
    tile.replaceChildren(icon("sound"), facts, h("audio", { src: await addressOf(false), controls: true, "aria-label": name }));
    return;
  }
  const save = async () => h("a", { href: await addressOf(false), download: name }).click();
  tile.replaceChildren(
    icon("file"), facts, h("button", { type: "button", className: "link", "aria-label": `Save ${name}`, on: { click: save } }, "Save"),
  );
}
