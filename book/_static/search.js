/* Sections before pages: sections.js says what each section contains - words, symbols, labels, authors, functions.
   Sphinx's own results follow. A label, or the whole name of a function, leads straight to it. */

(() => {
  const MOST = 20;  // sections shown
  const data = window.bookSections;
  if (!data || typeof Search === "undefined") return;
  const totals = data.sections.length;
  const own = name => Object.hasOwn(data.terms, name);

  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;  // nothing can be fetched

  /* Sections with a term and what it is worth there; of a word that is nowhere, those that it begins. */
  function find(term) {
    const names = own(term) ? [term] : term.length > 2 ? Object.keys(data.terms).filter(name => name.startsWith(term)) : [];
    const found = new Map();
    for (const name of names) {
      const rarity = Math.log(1 + totals / data.terms[name].length);
      for (const [section, worth] of data.terms[name])
        found.set(section, Math.max(found.get(section) ?? 0, rarity * worth / (worth + 6)));
    }
    return found;
  }

  function titleShare(title, query) {
    const text = title.toLowerCase();
    return text === query ? 3 : text.includes(query) ? query.length / text.length : 0;
  }

  function sections(query) {
    const wanted = query.toLowerCase().trim().replace(/^\\/, "");
    const results = [];
    const label = data.labels[wanted] ?? null;
    const near = label === null && wanted.match(/^(?:eq|def)-(.+)$/);
    const exact = near ? ["eq", "def"].map(kind => `${kind}-${near[1]}`).find(name => name in data.labels) : wanted;
    if (exact in data.labels) results.push([data.labels[exact], 1000, exact]);
    const terms = wanted.split(/[^\p{L}\p{N}_'-]+/u).filter(Boolean);
    const found = terms.map(find);
    const common = new Map();
    for (const [section, first] of found[0] ?? [])
      if (found.every(each => each.has(section)))
        common.set(section, found.reduce((sum, each) => sum + each.get(section), 0) + titleShare(data.sections[section][2], wanted) * 4);
    data.sections.forEach(([, anchor], section) => {
      if (anchor.toLowerCase() === wanted) common.set(section, 900);
    });
    results.push(...[...common].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MOST).map(([s, score]) => [s, score, null]));
    return results;
  }

  function escaped(text) { return text.replace(/&/g, "&amp;").replace(/</g, "&lt;"); }

  function asResult([number, score, label]) {
    const [page, anchor, title, kind] = data.sections[number];
    const [docname, pageTitle] = data.pages[page];
    const name = kind ? anchor : title === pageTitle ? title : `${pageTitle} > ${title}`;
    return [docname, escaped(name), `#${label ?? anchor}`, label ?? (kind ? `${kind} of the library` : null), score, `${docname}.md`];
  }

  /* The summary of a section is of the section, whose label is on an empty element inside it. */
  Search.htmlToText = (markup, anchor) => {
    const page = new DOMParser().parseFromString(markup, "text/html");
    const main = page.querySelector(".bd-article") ?? page.querySelector("main") ?? page.body;
    const place = anchor ? page.getElementById(decodeURIComponent(anchor.slice(1))) : main;
    const shown = place?.textContent.trim() ? place : place?.closest("section") ?? main;
    for (const extra of shown.querySelectorAll("script, .headerlink, .katex-html, .equation-mark")) extra.remove();
    return shown.textContent.replace(/\s+/g, " ");
  };
  const summary = Search.makeSearchSummary;
  Search.makeSearchSummary = (...all) => summary(...all) ?? document.createElement("p");

  const others = Search._performSearch;
  Search._performSearch = (query, ...rest) => {
    const mine = sections(query).map(asResult).reverse();  // the last is shown first
    const shown = new Set(mine.map(result => result[0] + result[2]));
    return [...others(query, ...rest).filter(result => !shown.has(result[0] + result[2])), ...mine];
  };
})();
