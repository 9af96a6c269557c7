// The recording moves by itself, so it can be stopped; another click plays it from its beginning.
function playOrStop(picture) {
  const image = picture.querySelector("img");
  const place = image.currentSrc.replace(/[?#].*/, "");
  for (const source of picture.querySelectorAll("source")) source.remove();
  const still = image.currentSrc.endsWith("#still") || image.dataset.still;
  image.dataset.still = still ? "" : "yes";
  // A picture that was shown already would go on from its end.
  image.src = still ? `${place}?again=${Date.now()}` : `${place}#still`;
}

// A table that is wider than the screen scrolls in its frame: let the keyboard reach it, too.
document$.subscribe(() => {
  const replay = document.querySelector(".replay");
  if (replay) {
    replay.hidden = false;
    replay.onclick = () => playOrStop(document.querySelector(".recording"));
  }
  requestAnimationFrame(() => {
    for (const frame of document.querySelectorAll(".md-typeset__scrollwrap")) {
      if (frame.scrollWidth > frame.clientWidth) {
        frame.tabIndex = 0;
        frame.setAttribute("role", "group");
        frame.setAttribute("aria-label", "Table, scrolls sideways");
      }
    }
  });
});
