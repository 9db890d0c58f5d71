/* Results while one types, in the dialogue of each page and on the search's own page, which a form without scripts leads to.
   The index comes with the first look at a search field, as a script: also from file://. Nothing is fetched there but
   extracts, which only a server gives. */

(() => {
  "use strict";
  const WAIT = 120, // ms after the last key
    FEW = 8, // in the dialogue
    AROUND = 220; // letters of an extract
  const MARKS = "sphinx_highlight_terms"; // what the next page marks
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  let loading = null;

  function script(name) {
    return new Promise((done, failed) => {
      const node = document.createElement("script");
      node.src = new URL(`_static/${name}`, root);
      node.onload = done;
      node.onerror = () => failed(new Error(`${name} did not come`));
      document.head.append(node);
    });
  }

  function load() {
    loading ??= script("sections.js").then(() => script("find.js"));
    loading.catch(() => {
      loading = null; // the next key asks again
    });
    return loading;
  }

  function element(name, className, text = "") {
    const node = document.createElement(name);
    node.className = className;
    node.textContent = text;
    return node;
  }

  /* ---- one result */

  function item(place) {
    const item = element("li", "found");
    const link = element("a", "found-link");
    link.href = new URL(`${place.page}.html#${place.anchor}`, root);
    if (place.path.length) link.append(element("span", "found-path", place.path.join(" › ")));
    link.append(element("span", "found-title", place.title));
    if (place.what) link.append(" ", element("span", "found-what", place.what));
    item.append(link);
    return item;
  }

  const pages = new Map();
  function page(name) {
    if (!pages.has(name))
      pages.set(
        name,
        fetch(new URL(`${name}.html`, root))
          .then((answer) => answer.text())
          .then((text) => new DOMParser().parseFromString(text, "text/html")),
      );
    return pages.get(name);
  }

  /* The section's prose around the first of the words. */
  async function extract(place, words) {
    const all = await page(place.page);
    const mark = all.getElementById(place.anchor);
    const inside = mark?.textContent.trim() ? mark : mark?.closest("section");
    const shown = (
      mark?.matches("dt") ? mark.nextElementSibling : (inside ?? all.querySelector(".bd-article"))
    )?.cloneNode(true);
    if (!shown) return "";
    for (const extra of shown.querySelectorAll(
      "script, .headerlink, .katex-html, annotation, .equation-mark, div.math, div.highlight, .outcomes-note, .page-minutes, .outcome, .clips, summary, section section",
    ))
      extra.remove();
    shown.querySelector("h1, h2, h3, h4")?.remove(); // the result's own title
    const text = shown.textContent.replace(/\s+/g, " ").trim();
    const folded = window.bookFind.fold(text);
    const at = Math.max(
      0,
      Math.min(...words.map((word) => folded.indexOf(word)).filter((k) => k >= 0)),
    );
    const start = Number.isFinite(at) ? text.lastIndexOf(" ", Math.max(0, at - AROUND / 2)) + 1 : 0;
    const end = text.lastIndexOf(" ", start + AROUND);
    const part = start + AROUND < text.length ? text.slice(start, end) : text.slice(start);
    return `${start ? "… " : ""}${part}${start + AROUND < text.length ? " …" : ""}`;
  }

  /* ---- a field, and what it finds */

  function attach(form) {
    const input = form.querySelector("input[name=q]");
    const own = document.getElementById("search-results"); // the search's page has its place
    const dialog = form.closest("dialog");
    if (!input || (!own && !dialog)) return;
    const box = dialog ? element("div", "search-live") : own;
    const status = element("p", "search-summary");
    const list = element("ol", "search");
    status.setAttribute("role", "status");
    box.append(status, list);
    if (dialog) dialog.append(box);
    let timer = 0,
      shown = null;

    const withExtracts = !dialog && location.protocol !== "file:" && self.origin !== "null";
    async function show() {
      const query = input.value.trim();
      if (query === shown) return;
      shown = query;
      if (!query) {
        status.textContent = "";
        list.replaceChildren();
        return;
      }
      if (!window.bookFind) status.textContent = "Search begins …";
      try {
        await load();
      } catch {
        shown = null;
        status.textContent = "Search is not possible: its index did not come.";
        return;
      }
      if (shown !== query) return; // typed on meanwhile
      const found = window.bookFind(query);
      const places = dialog ? found.slice(0, FEW) : found;
      const words = window.bookFind.words(query);
      list.replaceChildren(...places.map(item));
      for (const link of list.querySelectorAll("a"))
        for (const kind of ["click", "auxclick"])
          link.addEventListener(kind, () => localStorage.setItem(MARKS, words.join(" ")));
      const better =
        found.length > places.length ? `${places.length} of ${found.length}` : found.length;
      status.textContent = found.length
        ? `Search found ${better} ${found.length === 1 ? "place" : "places"}`
        : `Search found nothing for “${query}”`;
      if (dialog && found.length > places.length) {
        const rest = element("li", "found");
        const link = element("a", "found-link found-all", "All results");
        link.href = `${form.action}?${new URLSearchParams({ q: query })}`;
        rest.append(link);
        list.append(rest);
      }
      if (!withExtracts) return;
      places.forEach(async (place, k) => {
        const text = await extract(place, words).catch(() => "");
        if (text && shown === query) list.children[k].append(element("p", "context", text));
      });
    }

    function soon() {
      clearTimeout(timer);
      timer = setTimeout(show, WAIT);
      if (dialog) return;
      try {
        history.replaceState(null, "", `?${new URLSearchParams({ q: input.value })}`);
      } catch {
        /* a sandboxed frame has no address of its own */
      }
    }

    input.addEventListener("focus", () => load().catch(() => {}));
    input.addEventListener("input", soon);
    form.addEventListener("submit", (event) => {
      if (dialog) return;
      event.preventDefault(); // they are there
      show();
    });
    /* Down leads from the field into the results, up back into it. */
    (dialog ?? form.parentElement).addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      const stops = [input, ...list.querySelectorAll("a")];
      const at = stops.indexOf(document.activeElement);
      if (at < 0 || !stops[at + step]) return;
      event.preventDefault();
      stops[at + step].focus();
    });
    if (own && !dialog) {
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      show();
    } else if (dialog && input.value) soon(); // kept by the browser
  }

  for (const form of document.querySelectorAll("form.bd-search")) attach(form);
})();
