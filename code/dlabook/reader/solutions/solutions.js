/* Solutions: a switch hides those of all pages, on the screen and in print; the browser keeps it (layout.html reads it
   before the first paint). A link into a hidden solution says so, and offers to show it. */

(() => {
  "use strict";
  const KEY = "dla-solutions", // what is stored when solutions are hidden
    HIDDEN = "hidden";
  const root = document.documentElement;
  const buttons = [];
  const told = element("p", "solutions-told"); // what a link into a hidden solution is answered
  const state = element("span", "solutions-state");
  state.setAttribute("role", "status");

  function element(tag, className) {
    const made = document.createElement(tag);
    made.className = className;
    return made;
  }

  function isHidden() {
    try {
      return localStorage.getItem(KEY) === HIDDEN;
    } catch {
      return false; // refused: as the page comes
    }
  }

  function keep(hidden) {
    try {
      if (hidden) localStorage.setItem(KEY, HIDDEN);
      else localStorage.removeItem(KEY);
    } catch {
      /* it lasts as long as this page */
    }
  }

  function show(hidden) {
    if (hidden) root.dataset.solutions = HIDDEN;
    else delete root.dataset.solutions;
    for (const button of buttons) button.textContent = hidden ? "Show solutions" : "Hide solutions";
    state.textContent = hidden
      ? "All solutions are hidden in this browser, also in print."
      : "Solutions are shown where the reader opens them.";
    tell();
  }

  function addSwitch(className) {
    const button = element("button", className);
    button.type = "button";
    button.onclick = () => {
      const hidden = root.dataset.solutions !== HIDDEN;
      keep(hidden);
      show(hidden);
    };
    buttons.push(button);
    return button;
  }

  /* The address names a place in a solution: who followed a link to it is not left at the top of the page. */
  function tell() {
    told.remove();
    const solution = document.getElementById(target())?.closest(".solution");
    if (!solution || root.dataset.solutions !== HIDDEN) return;
    solution.before(told);
    told.scrollIntoView({ block: "center" });
  }

  function target() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return location.hash.slice(1); // no percent code
    }
  }

  const reveal = element("button", "");
  reveal.type = "button";
  reveal.textContent = "Show solutions";
  reveal.onclick = () => {
    const solution = document.getElementById(target())?.closest(".solution");
    keep(false);
    show(false);
    if (!solution) return;
    solution.open = true;
    const summary = solution.querySelector("summary");
    if (summary) summary.focus();
    document.getElementById(target()).scrollIntoView();
  };
  told.append("This link leads into a solution, and solutions are hidden. ", reveal);

  /* On pages with solutions it is in the header; on a phone, where there is no room, above the first exercise. */
  if (document.querySelector(".solution")) {
    document
      .querySelector(".article-header-buttons")
      ?.prepend(addSwitch("btn btn-sm solutions-switch"));
    const place = element("p", "solutions-place is-narrow");
    place.append(addSwitch("solutions-switch"));
    document.querySelector(".exercise, .solution").before(place);
  }
  for (const place of document.querySelectorAll(".solutions-place:not(.is-narrow)"))
    place.append(addSwitch("solutions-switch"), state);
  show(isHidden());
  addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) show(isHidden());
  });
  addEventListener("hashchange", tell);
})();
