/* One sound at a time; whatever scrolls sideways can be scrolled with the keyboard. */

document.addEventListener(
  "play",
  (event) => {
    for (const other of document.querySelectorAll("audio"))
      if (other !== event.target) other.pause();
  },
  true,
);

function markScrollable() {
  for (const box of document.querySelectorAll(".equation, .table-scroll, .bd-article pre"))
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
}

addEventListener("load", markScrollable);
addEventListener("resize", () => {
  clearTimeout(markScrollable.timer);
  markScrollable.timer = setTimeout(markScrollable, 150);
});
document.addEventListener("toggle", markScrollable, true);

/* Paper is white, also for readers in the dark; and what is folded there cannot be opened. */
const folded = () => document.querySelectorAll(".bd-article details:not([open], .clips-keys)");
addEventListener("beforeprint", () => {
  const page = document.documentElement,
    { theme } = page.dataset,
    opened = [...folded()];
  page.dataset.theme = "light";
  for (const box of opened) box.open = true;
  addEventListener(
    "afterprint",
    () => {
      page.dataset.theme = theme;
      for (const box of opened) box.open = false;
    },
    { once: true },
  );
});

/* From file://, or in a sandboxed frame, a page may not fetch others: the search then names what it finds, without extracts. */
if (self.origin === "null" && typeof DOCUMENTATION_OPTIONS !== "undefined")
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
