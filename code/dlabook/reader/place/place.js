/* Where one is: the sidebar shows the page, its contents the section, a frame what a link led to. Where one was: which
   sections of a chapter's pages were read is kept in this browser; the first page offers to go on. */

(() => {
  "use strict";
  const KEY = "dla-reading",
    SOON = 200; // ms after the last movement
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const article = document.querySelector(".bd-article");
  if (!article) return;

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // no percent code
    }
  }

  const nameOf = (address) =>
    address.startsWith(root.href)
      ? decoded(address.slice(root.href.length).split(/[?#]/)[0]).replace(/\.html$/, "")
      : "";
  const page = nameOf(location.href);

  /* ---- the sidebar */

  /* The theme keeps where the sidebar was; the current page may be elsewhere. */
  function showPage() {
    const entry = [...document.querySelectorAll(".bd-docs-nav a.current")].at(-1);
    const bar = entry?.closest("dialog, .bd-sidebar-primary");
    if (!bar) return;
    const { top, bottom } = bar.getBoundingClientRect(),
      place = entry.getBoundingClientRect();
    if (place.top < top + 8 || place.bottom > Math.min(bottom, innerHeight) - 8)
      bar.scrollTop += place.top - top - bar.clientHeight / 3;
  }

  addEventListener("DOMContentLoaded", showPage); // after the theme's script
  document
    .querySelector(".primary-toggle")
    ?.addEventListener("click", () => requestAnimationFrame(showPage));

  /* ---- what a link led to */

  const BOXES = "div.math, figure, .admonition, .oral, .prediction, div.cell, dt, tr, div.citation";

  function boxOf(place) {
    const heading = (section) => section.querySelector(":scope > :is(h1, h2, h3, h4)");
    if (place.matches("section")) return heading(place);
    const box = place.closest(BOXES);
    if (box && article.contains(box)) return box;
    if (place.textContent.trim()) return place;
    return place.nextElementSibling?.matches("h1, h2, h3, h4") || !place.nextElementSibling
      ? heading(place.closest("section") ?? article)
      : place.nextElementSibling;
  }

  let landed = null,
    landedAt = 0;

  function land() {
    for (const box of document.querySelectorAll(".is-here")) box.classList.remove("is-here");
    const place = document.getElementById(decoded(location.hash.slice(1)));
    landed = place && article.contains(place) ? place : null;
    landedAt = null; // known when the page has come to rest
    if (landed) boxOf(landed)?.classList.add("is-here");
    soon();
  }

  /* ---- the page's contents */

  const entries = [...document.querySelectorAll("#pst-page-toc-nav a[href^='#']")]
    .map((link) => ({ link, place: document.getElementById(decoded(link.hash.slice(1))) }))
    .filter(({ place }) => place);

  /* The section of what a link led to, until one scrolls on; else the last that began above the upper third. */
  function current() {
    const stays = landed && (landedAt === null || Math.abs(scrollY - landedAt) < 40);
    const holds = stays && entries.filter(({ place }) => place.contains(landed));
    if (holds?.length) return holds.at(-1);
    return entries
      .filter(({ place }) => place.getBoundingClientRect().top < innerHeight / 3)
      .at(-1);
  }

  function follow() {
    const here = current();
    for (const { link } of entries) {
      link.classList.toggle("active", link === here?.link);
      if (link === here?.link) link.setAttribute("aria-current", "true");
      else if (link.hasAttribute("aria-current")) link.removeAttribute("aria-current");
    }
    for (const item of document.querySelectorAll("#pst-page-toc-nav .toc-entry"))
      item.classList.toggle("active", item.contains(here?.link ?? null));
  }

  /* ---- what was read */

  const copy = (node) => {
    const shown = node?.cloneNode(true);
    for (const extra of shown?.querySelectorAll(".headerlink, button, .further-mark") ?? [])
      extra.remove();
    return shown?.textContent.replace(/\s+/g, " ").trim() ?? "";
  };
  const heading = article.querySelector("h1");
  const isChapter = !!heading?.querySelector(".section-number");
  const top = article.querySelector("section");
  const sections = isChapter ? [...top.querySelectorAll(":scope > section")] : [];

  /* What is kept: where one was last, and of each page the sections whose end was seen, and how many it has. */
  function load() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      const read = Object.entries(kept.read ?? {}).filter(
        ([, { ids, all }]) => Array.isArray(ids) && Number.isInteger(all),
      );
      const { last } = kept;
      const isPlace = typeof last?.page === "string" && /^book\/[\w/-]+$/.test(last.page);
      return { read: new Map(read), last: isPlace ? last : null };
    } catch {
      return { read: new Map(), last: null }; // nothing, or not ours
    }
  }

  function keep() {
    if (!isChapter || window.bookForgets) return;
    const { read } = load(); // as another tab left it
    const known = sections.map(({ id }) => id);
    const seen = sections.filter((section) => {
      const { bottom } = section.getBoundingClientRect();
      return bottom > 0 && bottom <= innerHeight + 2;
    });
    const ids = new Set([...(read.get(page)?.ids ?? []), ...seen.map(({ id }) => id)]);
    read.set(page, { ids: known.filter((id) => ids.has(id)), all: known.length });
    const here = current();
    const last = {
      page,
      title: copy(heading),
      anchor: here ? (here.place.querySelector(":scope > span[id]")?.id ?? here.place.id) : "",
      section: copy(here?.link),
    };
    try {
      localStorage.setItem(KEY, JSON.stringify({ last, read: Object.fromEntries(read) }));
    } catch {
      /* full: it is not kept */
    }
  }

  function tick() {
    const { read } = load();
    for (const link of document.querySelectorAll(".bd-docs-nav a.internal")) {
      const { ids, all } = read.get(nameOf(link.href)) ?? {};
      const isRead = all > 0 && ids.length >= all;
      const mark = link.querySelector(".is-read");
      if (isRead && !mark) {
        const span = document.createElement("span");
        span.className = "is-read";
        span.textContent = " ✓";
        span.title = "read to the end";
        span.setAttribute("role", "img");
        span.setAttribute("aria-label", "read");
        link.append(span);
      } else if (!isRead) mark?.remove();
    }
  }

  function offer() {
    const { last } = load();
    const first = document.querySelector(".navbar-brand");
    if (!last || !first || nameOf(first.href) !== page) return;
    const line = document.createElement("p"),
      link = document.createElement("a"),
      forget = document.createElement("button");
    line.className = "go-on";
    link.href = new URL(`${last.page}.html`, root);
    if (last.anchor) link.hash = last.anchor;
    link.textContent = [last.title, last.section].filter(Boolean).join(" › ");
    forget.type = "button";
    forget.textContent = "Forget what I read";
    forget.onclick = () => {
      localStorage.removeItem(KEY);
      line.remove();
      tick();
    };
    line.append("Go on where you were: ", link, " ", forget);
    heading?.after(line);
  }

  /* ---- when */

  let timer = 0,
    frame = 0;
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      landedAt ??= scrollY;
      follow();
      keep();
      tick();
    }, SOON);
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(follow);
  }

  addEventListener("scroll", soon, { passive: true });
  addEventListener("hashchange", land);
  addEventListener("load", land); // what folds and draws has done so
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href*='#']");
    if (link && link.href === location.href) setTimeout(land); // the same place once more
  });
  /* The theme's script takes the last heading that came into view. */
  const contents = document.querySelector("#pst-page-toc-nav");
  if (contents)
    new MutationObserver(follow).observe(contents, {
      subtree: true,
      attributes: true,
      attributeFilter: ["class"],
    });
  land();
  tick();
  offer();
})();
