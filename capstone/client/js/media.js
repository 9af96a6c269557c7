/** Files: uploads are in api.js; here are downloads, which need the token and therefore become blobs. */

import { ApiError, authorized } from "./api.js";

// A worker makes thumbnails, and may need a moment.
const PAUSES = [300, 700, 1500, 3000];
const descriptions = new Map();
const blobs = new Map();

/** `{type, size, name}` of a file. Throws ApiError. */
export function describe(id) {
  return remembered(descriptions, id, async () => {
    const response = await authorized("HEAD", `/media/${id}`);
    if (!response.ok) throw new ApiError(response.status, { code: "not_found", message: "This file is not there." });
    return {
      type: (response.headers.get("Content-Type") ?? "").split(";")[0],
      size: Number(response.headers.get("Content-Length")) || 0,
      name: fileName(response.headers.get("Content-Disposition") ?? ""),
    };
  });
}

/** An address of the whole file, for this page only. Throws ApiError. */
export function whole(id) {
  return remembered(blobs, id, async () => {
    const response = await authorized("GET", `/media/${id}`);
    if (!response.ok) throw new ApiError(response.status, { code: "not_found", message: "This file is not there." });
    return URL.createObjectURL(await response.blob());
  });
}

/** An address of a small picture; of the whole one, where there is no small one. Throws ApiError. */
export function thumbnail(id) {
  return remembered(blobs, `${id}/thumbnail`, async () => {
    for (const pause of [...PAUSES, 0]) {
      const response = await authorized("GET", `/media/${id}/thumbnail`);
      if (response.ok) return URL.createObjectURL(await response.blob());
      await response.body?.cancel();
      if (response.status !== 404) break;
      if (pause) await new Promise((done) => setTimeout(done, pause));
    }
    return whole(id);
  });
}

/** Use a file of this device for what was made of it, instead of downloading it again. */
export function adopt(id, file, url) {
  descriptions.set(id, Promise.resolve({ type: file.type, size: file.size, name: file.name }));
  blobs.set(id, Promise.resolve(url));
  blobs.set(`${id}/thumbnail`, Promise.resolve(url));
}

/** Give the memory back, as after logging out. */
export function forget() {
  for (const url of blobs.values()) url.then(URL.revokeObjectURL, () => {});
  blobs.clear();
  descriptions.clear();
}

export function sizeText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function remembered(map, key, make) {
  if (!map.has(key)) {
    const made = make();
    map.set(key, made);
    // What failed may work the next time.
    made.catch(() => map.delete(key));
  }
  return map.get(key);
}

function fileName(disposition) {
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
  if (extended) {
    try {
      return decodeURIComponent(extended[1]);
    } catch {
      return "file";
    }
  }
  return /filename="?([^";]+)"?/i.exec(disposition)?.[1] ?? "file";
}
