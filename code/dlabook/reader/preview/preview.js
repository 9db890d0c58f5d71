/* What a link refers to - an equation, a figure, a reference, a term, a section, an entry of the library - beside
   the link, while it is pointed at or has the keyboard's focus. Escape closes it; the pointer may move onto it.
   On a touch screen the first tap shows it and the second follows the link; links to sections are followed at once. */

(() => {
  const LINKS = ".bd-article a.reference.internal[href*='#'], .bd-article a.bibtex-cite[href*='#']";
  const FOLLOWED_AT_ONCE = /^(sec|ch|check|decides)-/;
  const SHOW_AFTER = 200,
    HIDE_AFTER = 250; // ms
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const pages = new Map(); // page -> promise of its previews, by anchor
  const arrived = new Map();
  let box = null,
    shown = null,
    wanted = null,
    timer = 0,
    pointer = "mouse";

  window.bookPreviews = (page, previews) => arrived.set(page, previews);

  function load(page) {
    if (!pages.has(page))
      pages.set(
        page,
        new Promise((done) => {
          const script = document.createElement("script");
          script.src = new URL(`_previews/${page}.js`, root);
          script.onload = () => done(arrived.get(page) ?? {});
          script.onerror = () => done({});
          document.head.append(script);
        }),
      );
    return pages.get(page);
  }

  function place(link) {
    const address = link.href.split("#")[0];
    if (!address.startsWith(root.href)) return null;
    return {
      page: decodeURI(address.slice(root.href.length)).replace(/\.html$/, ""),
      anchor: decodeURIComponent(link.hash.slice(1)),
    };
  }

  function linkOf(event) {
    return event.target.closest?.(LINKS) ?? null;
  }

  async function show(link, byTouch = false) {
    const target = place(link);
    if (shown === link) return;
    hide(); // what another link shows goes at once, also while this one's is loading, or if it has none
    if (!target) return;
    wanted = link;
    const previews = await load(target.page);
    const markup = Object.hasOwn(previews, target.anchor) && previews[target.anchor]; // or "constructor" has one
    if (wanted !== link) return;
    if (!markup) {
      hide();
      if (byTouch) location.href = link.href;
      return;
    }
    box ??= make();
    box.innerHTML = markup;
    for (const picture of box.querySelectorAll("[data-src]")) {
      picture.removeAttribute("loading");
      picture.src = new URL(picture.dataset.src, root);
    }
    if (byTouch)
      box.insertAdjacentHTML(
        "beforeend",
        '<p class="preview-hint">Tap the link again to go there.</p>',
      );
    box.hidden = false;
    shown = wanted = link;
    if (link.title) {
      link.dataset.title = link.title;
      link.removeAttribute("title");
    } // or the browser shows it as well
    link.setAttribute("aria-describedby", box.id);
    fit();
    put(link);
    for (const picture of box.querySelectorAll("img"))
      picture.addEventListener("load", () => shown === link && put(link));
  }

  function make() {
    const made = document.createElement("div");
    made.id = "book-preview";
    made.className = "book-preview";
    made.setAttribute("role", "tooltip");
    made.addEventListener("pointerenter", () => clearTimeout(timer));
    made.addEventListener("pointerleave", later);
    (document.querySelector("main") ?? document.body).append(made);
    return made;
  }

  /* Wide formulas become smaller until they fit. */
  function fit() {
    for (const wide of box.querySelectorAll(".equation, .katex-display")) {
      const share = wide.clientWidth / wide.scrollWidth;
      if (share < 1) wide.style.fontSize = `${Math.max(0.5, share * 0.98)}em`;
    }
  }

  function put(link) {
    const line = link.getClientRects()[0],
      page = document.documentElement;
    const origin = box.offsetParent.getBoundingClientRect();
    const left = Math.min(Math.max(line.left, 8), page.clientWidth - box.offsetWidth - 8);
    const below =
      line.bottom + box.offsetHeight + 12 < page.clientHeight || line.top < box.offsetHeight + 60;
    box.style.left = `${left - origin.left}px`;
    box.style.top = `${(below ? line.bottom + 4 : line.top - box.offsetHeight - 4) - origin.top}px`;
  }

  function hide() {
    clearTimeout(timer);
    if (shown) {
      shown.removeAttribute("aria-describedby");
      if (shown.dataset.title) shown.title = shown.dataset.title;
    }
    if (box) box.hidden = true;
    shown = wanted = null;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(hide, HIDE_AFTER);
  }

  document.addEventListener("pointerover", (event) => {
    const link = event.pointerType === "mouse" && linkOf(event);
    if (!link) return;
    clearTimeout(timer);
    if (link !== shown) {
      wanted = null;
      timer = setTimeout(() => show(link), SHOW_AFTER);
    }
  });
  document.addEventListener("pointerout", (event) => {
    const link = event.pointerType === "mouse" && linkOf(event);
    if (link && !link.contains(event.relatedTarget)) later();
  });
  document.addEventListener("pointerdown", (event) => {
    pointer = event.pointerType;
    if (shown && !box.contains(event.target) && linkOf(event) !== shown) hide();
  });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event);
    if (link?.matches(":focus-visible")) show(link);
  });
  document.addEventListener("focusout", (event) => {
    if (linkOf(event)) hide();
  });
  document.addEventListener("keydown", (event) => {
    pointer = "keyboard";
    if (event.key === "Escape" && (shown || wanted)) hide();
  });
  document.addEventListener("click", (event) => {
    const link = linkOf(event);
    const target = link && place(link);
    if (!target || pointer !== "touch" || link === shown || FOLLOWED_AT_ONCE.test(target.anchor))
      return;
    event.preventDefault();
    show(link, true);
  });
})();
