/* Sections before pages: sections.js says what each section contains - words, symbols, labels, authors, functions.
   Sphinx's own results follow. A label, a number, or the whole name of a function leads straight to it.

   Two functions of Sphinx 7.4.7 are replaced; what a search is without that, over the queries of tests/book/test_search.py:
   - _performSearch: what is sought is among the first three results of 2 of 26 queries, not of 26; and "constructor" ends
     the search with an error, without a result.
   - htmlToText: it looks for [role="main"], which the theme does not have. 5 of 190 results have an extract; for each of
     the others Sphinx appends null, an error. */

(() => {
  const MOST = 20; // sections shown
  const data = window.bookSections;
  if (!data || typeof Search === "undefined") return;
  const totals = data.sections.length;
  const own = (name) => Object.hasOwn(data.terms, name);

  /* As search.py folds what is found: small letters without accents, Greek letters by their names. */
  const GREEK = Object.fromEntries(
    "α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi ο omicron π pi ρ rho ς sigma σ sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega æ ae ø o ß ss ł l œ oe ı i đ d"
      .match(/\S+ \S+/g)
      .map((pair) => pair.split(" ")),
  );
  const fold = (text) =>
    text
      .toLowerCase()
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .replace(/\P{ASCII}/gu, (letter) => GREEK[letter] ?? letter);

  /* Sections with a term and what it is worth there, singular or plural; of a word that is nowhere, those that it begins. */
  function find(term) {
    const forms = [
      [term, 1],
      [`${term}s`, 0.8],
      [term.replace(/s$/, ""), 0.8],
    ].filter(([name], k) => own(name) && (!k || name !== term));
    const begun =
      forms.length || term.length < 3
        ? []
        : Object.keys(data.terms)
            .filter((name) => name.startsWith(term))
            .map((name) => [name, 0.6]);
    const found = new Map();
    for (const [name, share] of [...forms, ...begun]) {
      const rarity = Math.log(1 + totals / data.terms[name].length);
      for (const [section, worth] of data.terms[name])
        found.set(section, Math.max(found.get(section) ?? 0, (share * rarity * worth) / 20));
    }
    return found;
  }

  function titleShare(title, query) {
    const text = fold(title);
    return text === query ? 3 : text.includes(query) ? query.length / text.length : 0;
  }

  /* Where a thing is explained comes before where it is listed, asked or used; the library's entry of the very name is first. */
  function weight([page, anchor, , kind], wanted) {
    if (kind)
      return anchor.toLowerCase().split(".").pop() === wanted && kind !== "module" ? 2 : 0.4;
    const [docname] = data.pages[page];
    if (/^book\/exam\/(answers|questions)/.test(docname)) return 0.3;
    if (docname === "book/notation") return 1.2; // it explains nothing but symbols
    return /-(oral|literature|exercises)$|^ch-[a-z]+-exam$/.test(anchor) ? 0.6 : 1;
  }

  /* What a number stands for, such as 4.34, (4.34), equation 4.34, fig. 4.2; of the kind that is named. */
  function numbered(wanted) {
    const match = wanted.match(/^(eq|sec|ch|fig)?[a-z.]*\s*\(?(\d+(?:\.\d+)*)\)?\.?$/);
    const things = match && Object.hasOwn(data.numbers, match[2]) ? data.numbers[match[2]] : [];
    const kind = { eq: "equation", sec: "section", ch: "section", fig: "figure" }[match?.[1]];
    return things.filter((thing) => !kind || thing[0] === kind).map(([, label]) => label);
  }

  function sections(query) {
    const typed = query.toLowerCase().trim().replace(/^\\/, ""),
      wanted = fold(typed);
    const label = Object.hasOwn(data.labels, typed) ? data.labels[typed] : null;
    const near = label === null && typed.match(/^(?:eq|def)-(.+)$/);
    const exact = near
      ? ["eq", "def"].map((kind) => `${kind}-${near[1]}`).find((name) => name in data.labels)
      : typed;
    const results = numbered(typed).map((name, k) => [data.labels[name], 1000 - k, name]);
    if (exact && Object.hasOwn(data.labels, exact)) results.push([data.labels[exact], 1000, exact]);
    const terms = wanted.split(/[^\p{L}\p{N}_'-]+/u).filter(Boolean);
    const found = terms.map(find),
      sums = new Map(),
      many = Math.ceil(terms.length / 2);
    for (const each of found)
      for (const [section, worth] of each) {
        const [sum, number] = sums.get(section) ?? [0, 0];
        sums.set(section, [sum + worth, number + 1]);
      }
    const all = [...sums.values()].filter(([, number]) => number === terms.length).length;
    const scores = new Map();
    for (const [section, [sum, number]] of sums) // where few sections have all the words, also those with most of them
      if (number === terms.length || (all < 3 && number >= many))
        scores.set(
          section,
          (number / terms.length) ** 2 *
            (sum + titleShare(data.sections[section][2], wanted) * 4) *
            weight(data.sections[section], wanted),
        );
    data.sections.forEach(([, anchor], section) => {
      if (anchor.toLowerCase() === typed) scores.set(section, 900);
    });
    results.push(
      ...[...scores]
        .sort((a, b) => b[1] - a[1] || a[0] - b[0])
        .slice(0, MOST)
        .map(([s, score]) => [s, score, null]),
    );
    return results;
  }

  function escaped(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  }

  function asResult([number, score, label]) {
    const [page, anchor, title, kind] = data.sections[number];
    const [docname, pageTitle] = data.pages[page];
    const name = kind ? anchor : title === pageTitle ? title : `${pageTitle} > ${title}`;
    return [
      docname,
      escaped(name),
      `#${label ?? anchor}`,
      label ?? (kind ? `${kind} of the library` : null),
      score,
      `${docname}.md`,
    ];
  }

  /* The summary of a section is of the section, whose label is on an empty element inside it. */
  Search.htmlToText = (markup, anchor) => {
    const page = new DOMParser().parseFromString(markup, "text/html");
    const main = page.querySelector(".bd-article") ?? page.querySelector("main") ?? page.body;
    const place = anchor ? page.getElementById(decodeURIComponent(anchor.slice(1))) : main;
    const shown = place?.textContent.trim() ? place : (place?.closest("section") ?? main);
    for (const extra of shown.querySelectorAll(
      "script, .headerlink, .katex-html, .equation-mark, div.math, div.highlight, .outcomes-note, .outcome",
    ))
      extra.remove();
    return shown.textContent.replace(/\s+/g, " ");
  };

  /* Sphinx looks its tables up by the words that were typed; "constructor" and "__proto__" are found in every object. */
  const OWN_ONLY = { __proto__: null, hasOwnProperty: Object.prototype.hasOwnProperty };
  const others = Search._performSearch;
  Search._performSearch = (query, ...rest) => {
    for (const table of ["terms", "titleterms"])
      Object.setPrototypeOf(Search._index[table], OWN_ONLY);
    const mine = sections(query).map(asResult).reverse(); // the last is shown first
    const shown = new Set(mine.map((result) => result[0] + result[2]));
    return [
      ...others(query, ...rest).filter((result) => !shown.has(result[0] + result[2])),
      ...mine,
    ];
  };
})();
