/**
 * Where the tokens of the session are kept. localStorage can be read at once, but a tab may see for a moment what
 * another one has already replaced; IndexedDB is the same for all of them, and has the last word on a renewal.
 */

const KEY = "chat.session";
const STORE = "session";

let database = null;

/** `{accessToken, refreshToken, expiresAt}` as this tab knows them, or null. */
export function session() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** The same as the last tab has kept them. */
export async function latest() {
  try {
    return (await stored((store) => store.get(KEY))) ?? session();
  } catch {
    // A browser may refuse a database, as some do in private windows.
    return session();
  }
}

/** Keep a new pair, for every tab. */
export async function keep(tokens) {
  await stored((store) => store.put(tokens, KEY)).catch(() => {});
  adopt(tokens);
}

/** Take over what another tab has kept. */
export function adopt(tokens) {
  localStorage.setItem(KEY, JSON.stringify(tokens));
}

export function drop() {
  localStorage.removeItem(KEY);
  stored((store) => store.delete(KEY)).catch(() => {});
}

/** Call `listener` when another tab has ended the session. */
export function onDropElsewhere(listener) {
  window.addEventListener("storage", (event) => event.key === KEY && event.newValue === null && listener());
}

/** Work in one transaction; it is over when the answer is there. */
async function stored(work) {
  database ??= new Promise((resolve, reject) => {
    const opening = indexedDB.open("chat", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const transaction = (await database).transaction(STORE, "readwrite");
  const asked = work(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = () => reject(transaction.error);
  });
}
