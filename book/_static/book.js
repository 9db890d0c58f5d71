/* One sound at a time; whatever scrolls sideways can be scrolled with the keyboard. */

document.addEventListener("play", event => {
  for (const other of document.querySelectorAll("audio"))
    if (other !== event.target) other.pause();
}, true);

function markScrollable() {
  for (const box of document.querySelectorAll(".equation, .table-scroll, .bd-article pre"))
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
}

addEventListener("load", markScrollable);
addEventListener("resize", () => { clearTimeout(markScrollable.timer); markScrollable.timer = setTimeout(markScrollable, 150); });
document.addEventListener("toggle", markScrollable, true);

/* From file:// a page may not fetch others: the search then names the pages that it finds, without extracts. */
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined")
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
