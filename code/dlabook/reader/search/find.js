/* Finds sections by what sections.js says each contains: words, pairs of words, symbols, labels, authors, names in code.
   `bookFind(query)` gives the places, best first: {page, anchor, path, title, what}; a label, a number, or the whole name of
   a function leads straight to it. `bookFind.words(query)` are the words to mark. Nothing here touches the page. */

(() => {
  "use strict";
  const MOST = 20; // sections found
  const data = window.bookSections;
  if (!data) return;
  const totals = data.sections.length;
  const own = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);

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

  /* Words with which a question begins, or that join others; where nothing else was typed they are looked for. */
  const JOINING = new Set(
    "a an and are as at be by can define definition do does explain for from how i if in into is it meaning my of on or our that the their them there these this to vs versus was we what when where which who why will with you your".split(
      " ",
    ),
  );
  const said = (text) => text.split(/[^\p{L}\p{N}_'-]+/u).filter(Boolean);
  function wordsOf(text) {
    const all = said(text),
      kept = all.filter((word) => !JOINING.has(word));
    return kept.length ? kept : all;
  }

  const singular = (word) =>
    word.length > 3 && word.endsWith("s") && !"sui".includes(word.at(-2))
      ? word.slice(0, -1)
      : word;

  /* What is left of a word without its ending, British or American: separate, separation, separating. */
  const stem = (word) =>
    word
      .replace(/([iy])z(e|i|a)/, "$1s$2")
      .replace(/our\b/, "or")
      .replace(
        /(?<=.{4})(?:ations?|ated?|ates|ating|ions?|ings?|ers?|ors?|ed|es|ive|ly|al|e|s)$/,
        "",
      )
      .replace(/([b-df-hj-np-rtv-z])\1$/, "$1");
  let families = null;
  function family(term) {
    if (!families) {
      families = new Map();
      for (const name of Object.keys(data.terms))
        if (name.length > 4 && !name.includes(" ")) {
          const key = stem(name);
          families.set(key, [...(families.get(key) ?? []), name]);
        }
    }
    return families.get(stem(term)) ?? [];
  }

  /* Whether two words differ by one letter, or by two that changed places. */
  function isSlip(typed, word) {
    const short = Math.min(typed.length, word.length);
    if (Math.abs(typed.length - word.length) > 1) return false;
    let k = 0;
    while (k < short && typed[k] === word[k]) k++;
    const [a, b] = [typed.slice(k), word.slice(k)];
    return (
      a.slice(1) === b.slice(1) ||
      a.slice(1) === b ||
      a === b.slice(1) ||
      (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2))
    );
  }

  /* The index's words for what was typed, and how much each is worth: itself, its plural; else those of its family; else
     those that it begins; else those that it may be a slip of. */
  function formsOf(term) {
    const near = [
      [term, 1],
      [`${term}s`, 0.8],
      [singular(term), 0.8],
    ].filter(([name], k) => own(data.terms, name) && (!k || name !== term));
    if (near.length) return near;
    const names = Object.keys(data.terms);
    const tried = [
      [0.7, () => (term.length < 4 ? [] : family(term))],
      [0.6, () => (term.length < 2 ? [] : names.filter((name) => name.startsWith(term)))],
      [0.4, () => (term.length < 5 ? [] : names.filter((name) => isSlip(term, name)))],
    ];
    for (const [share, found] of tried) {
      const forms = found();
      if (forms.length) return forms.map((name) => [name, share]);
    }
    return [];
  }

  /* Sections -> what the term is worth there. */
  function find(forms) {
    const found = new Map();
    for (const [name, share] of forms) {
      const places = data.terms[name];
      const rarity = Math.log(1 + (2 * totals) / places.length);
      for (let k = 0, section = 0; k < places.length; k += 2) {
        section += places[k];
        const worth = (share * rarity * places[k + 1]) / 20;
        found.set(section, Math.max(found.get(section) ?? 0, worth));
      }
    }
    return found;
  }

  function titleShare(title, query) {
    const text = fold(title);
    return text === query ? 3 : text.includes(query) ? query.length / text.length : 0;
  }

  /* Where a thing is explained comes before where it is listed, asked or used; the library's entry of the very name is first. */
  function weight([page, anchor, title, kind], wanted) {
    if (kind === "term") return titleShare(title, wanted) ? 0.9 : 0.5;
    if (kind)
      return anchor.toLowerCase().split(".").pop() === wanted && kind !== "module" ? 2 : 0.4;
    const [docname] = data.pages[page];
    if (/^book\/exam\/(answers|questions|brief\/)/.test(docname)) return 0.3;
    if (docname === "book/notation") return 1.2; // it explains nothing but symbols
    return /-(oral|literature|exercises)$|^ch-[a-z]+-exam$/.test(anchor) ? 0.45 : 1;
  }

  /* What a number stands for, such as 4.34, (4.34), equation 4.34, fig. 4.2, exercise 4.3; of the kind that is named. */
  const KINDS = [
    [/^eq[a-z]*$/, "equation"],
    [/^(?:sec[a-z]*|ch[a-z]*|§|page|part)$/, "section"],
    [/^(?:fig[a-z]*|abb[a-z]*)$/, "figure"],
    [/^(?:ex[a-z]*|problem|solution|sol|task|aufgabe)$/, "exercise"],
  ];
  function numbered(typed) {
    const match = typed.match(/^([a-z]*|§)s?\.?\s*\(?(\d+(?:\.\d+)*)\)?\.?$/);
    const things = match ? (own(data.numbers, match[2]) ?? []) : [];
    const kind = match?.[1] && (KINDS.find(([names]) => names.test(match[1]))?.[1] ?? "none");
    return things
      .filter((thing) => !kind || thing[0] === kind)
      .map(([of, label]) => ({ label, name: `${of[0].toUpperCase()}${of.slice(1)} ${match[2]}` }));
  }

  function labelled(typed) {
    const near = typed.match(/^(?:eq|def)-(.+)$/);
    const names = near ? [typed, `eq-${near[1]}`, `def-${near[1]}`] : [typed];
    return names.find((name) => Object.hasOwn(data.labels, name));
  }

  /* Section -> its score. */
  function scored(wanted) {
    const terms = wordsOf(wanted),
      phrase = terms.join(" ");
    const sums = new Map(),
      many = Math.ceil(terms.length / 2);
    for (const term of terms)
      for (const [section, worth] of find(formsOf(term))) {
        const [sum, number] = sums.get(section) ?? [0, 0];
        sums.set(section, [sum + worth, number + 1]);
      }
    for (let k = 1; k < terms.length; k++) {
      const pair = `${singular(terms[k - 1])} ${singular(terms[k])}`;
      if (own(data.terms, pair))
        for (const [section, worth] of find([[pair, 1]])) {
          const [sum, number] = sums.get(section) ?? [0, 2];
          sums.set(section, [sum + 2 * worth, number]);
        }
    }
    const all = [...sums.values()].filter(([, number]) => number >= terms.length).length;
    const scores = new Map();
    for (const [section, [sum, number]] of sums) // where few sections have all the words, also those with most of them
      if (number >= terms.length || (all < 3 && number >= many))
        scores.set(
          section,
          Math.min(1, number / terms.length) ** 2 *
            (sum + titleShare(data.sections[section][2], phrase) * 4) *
            weight(data.sections[section], phrase),
        );
    data.sections.forEach(([, anchor], section) => {
      if (anchor.toLowerCase() === wanted) scores.set(section, 900);
    });
    return scores;
  }

  /* A place as it is shown: the chapter, the page and the section in which it is. */
  function asPlace(number, label = null, name = "") {
    const [page, anchor, title, kind] = data.sections[number];
    const path = [];
    for (let at = page; at !== undefined; at = data.pages[at][2]) path.unshift(data.pages[at][1]);
    const last = kind && kind !== "term" ? anchor : title;
    if (name) path.push(last);
    return {
      page: data.pages[page][0],
      anchor: label ?? anchor,
      path: path.filter((step, k) => step !== (name || last) && step !== path[k - 1]),
      title: name || last,
      what: kind === "term" ? "glossary" : kind && !name ? `${kind} of the library` : "",
    };
  }

  function bookFind(query) {
    const typed = query.toLowerCase().trim().replace(/^\\/, "").replace(/\s+/g, " ");
    if (!typed) return [];
    const places = numbered(typed).map(({ label, name }) =>
      asPlace(data.labels[label], label, name),
    );
    const label = labelled(typed);
    if (label) places.push(asPlace(data.labels[label], label, label));
    for (const [section] of [...scored(fold(typed))]
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, MOST))
      places.push(asPlace(section));
    return places.filter(
      ({ page, anchor }, k) =>
        places.findIndex((other) => other.page === page && other.anchor === anchor) === k,
    );
  }

  /* The words to mark: those that were found, as they stand in the index. */
  bookFind.words = (query) =>
    [
      ...new Set(
        wordsOf(fold(query.trim())).flatMap((term) => [
          term,
          ...formsOf(term)
            .slice(0, 20)
            .map(([name]) => name),
        ]),
      ),
    ].filter((word) => !word.includes(" "));
  bookFind.fold = fold;
  window.bookFind = bookFind;
})();
