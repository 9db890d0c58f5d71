/* Folded code: a switch for the whole page, which is remembered; what a link or a search leads to opens. */

(() => {
  "use strict";
  const KEY = "dla-code", // what is stored when all code is shown
    ALL = "all";
  const folded = () => [...document.querySelectorAll("details.folded-code")];

  function isAll() {
    try {
      return localStorage.getItem(KEY) === ALL;
    } catch {
      return false; // refused: as the page comes
    }
  }

  function keep(all) {
    try {
      if (all) localStorage.setItem(KEY, ALL);
      else localStorage.removeItem(KEY);
    } catch {
      /* it lasts as long as this page */
    }
  }

  function show(all) {
    for (const details of folded()) details.open = all;
    button.setAttribute("aria-pressed", all);
    button.textContent = all ? "Fold code" : "Show all code";
  }

  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm fold-switch";
  button.onclick = () => {
    const all = button.getAttribute("aria-pressed") !== "true";
    keep(all);
    show(all);
  };
  show(isAll());
  document.querySelector(".article-header-buttons")?.prepend(button);
  addEventListener("storage", (event) => {
    if (event.key === KEY) show(isAll());
  });

  /* A link to what a cell checks or decides stands at the cell; any other leads into the code itself. */
  function openTarget() {
    const place = document.getElementById(decoded(location.hash.slice(1)));
    const cell = /^(check|decides)-/.test(place?.id) ? place.closest("div.cell") : null;
    const details =
      place?.closest("details.folded-code") ?? cell?.querySelector("details.folded-code");
    if (!details || details.open) return;
    details.open = true;
    place.scrollIntoView();
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // no percent code
    }
  }

  openTarget();
  addEventListener("hashchange", openTarget);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href*='#']");
    if (link && link.href === location.href) setTimeout(openTarget); // the same place once more
  });
  /* What a search marks is marked some time after the page has come. */
  const marks = new MutationObserver(() => {
    for (const details of folded()) if (details.querySelector(".highlighted")) details.open = true;
  });
  marks.observe(document.body, { childList: true, subtree: true });
  addEventListener("load", () => setTimeout(() => marks.disconnect(), 1000));
})();
