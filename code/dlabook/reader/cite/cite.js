/* A "cite" button at the page, and at each section, equation, figure, statement, exercise, prediction and oral question:
   BibTeX, a formatted reference and the link, of the book's version (version.js). */

(() => {
  // sections with a label of their own, which stays; what Sphinx makes of their words changes with them
  const HEADINGS = ["#sec-", "#ch-", "#dla."]
    .map((label) => `section > :is(h2, h3, h4):has(> a[href^='${label}'])`)
    .join();
  const PLACES = [
    // what is cited, and where its button goes
    [
      "div.math[id^='equation-']",
      (thing) => thing.nextElementSibling?.querySelector(":scope.equation-mark p"),
      (thing) => `Equation ${words(thing.querySelector(".eqno"))}`,
    ],
    [
      "figure[id^='fig-']",
      (thing) => thing.querySelector("figcaption p"),
      (thing) => words(thing.querySelector(".caption-number")).replace("Fig.", "Figure"),
    ],
    [".exercise[id], .proof[id]", title, (thing) => words(title(thing))],
    [".prediction[id]", title, () => "Prediction"],
    [
      HEADINGS,
      (thing) => thing,
      (thing) => (labelOf(thing).startsWith("dla.") ? labelOf(thing) : numbered(thing, "Section")),
    ],
    [
      ".oral[id]",
      title,
      (thing) => `Oral question “${words(title(thing).querySelector("strong"))}”`,
    ],
  ];

  function title(box) {
    return box.querySelector(":scope > .admonition-title, :scope > .oral-kind");
  }

  /* The text of an element as it is seen: one copy of each formula, no links to itself. */
  function words(element) {
    if (!element) return "";
    const copy = element.cloneNode(true);
    for (const extra of copy.querySelectorAll(".katex-html, .headerlink, .cite-button"))
      extra.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  /* A heading's label is what its link to itself ends in; an equation's id has a prefix. */
  function labelOf(thing) {
    const own = thing
      .querySelector(":scope > a.headerlink[href^='#']")
      ?.getAttribute("href")
      .slice(1);
    return /^H\d$/.test(thing.tagName) ? own : thing.id.replace(/^equation-/, "");
  }

  /* "Section 3.1, Its title" of a heading or an entry of the contents; of one without a number, its title. */
  function numbered(heading, unnumbered = "") {
    const [, number, title] = words(heading).match(/^(?:([\d.]*\d)\.\s+)?(.*)$/);
    if (!number) return unnumbered ? `${unnumbered} “${title}”` : title;
    return `${number.includes(".") ? "Section" : "Chapter"} ${number}, ${title}`;
  }

  /* The chapter and the page; nothing on the first page, which is the book. */
  function pageTitle(book) {
    const page = numbered(document.querySelector(".bd-article h1"));
    const chapter = numbered(
      document.querySelector(".bd-sidebar-primary li.toctree-l1.current > a"),
    );
    return book.title.startsWith(page)
      ? ""
      : [...new Set([chapter, page])].filter(Boolean).join(", ");
  }

  function pageLabel() {
    return (
      document.querySelector(".bd-article h1")?.parentElement.querySelector(":scope > span[id]")
        ?.id ?? ""
    );
  }

  function pageAddress() {
    return document.querySelector("link[rel=canonical]")?.href ?? location.href.split(/[?#]/)[0];
  }

  /* Where a page is in the book, whatever address the book has. */
  function pageInBook() {
    const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href).href;
    return decodeURI(location.href.split(/[?#]/)[0].slice(root.length)).replace(
      /(^|\/)$/,
      "$1index.html",
    );
  }

  /* TeX reads its own signs as text; braces by name, because BibTeX counts them, escaped or not. */
  function tex(text) {
    const signs = {
      "\\": "\\textbackslash{}",
      "{": "\\textbraceleft{}",
      "}": "\\textbraceright{}",
      "~": "\\textasciitilde{}",
      "^": "\\textasciicircum{}",
      "“": "``",
      "”": "''",
    };
    return text.replace(/[&%$#_\\{}~^“”]/g, (sign) => signs[sign] ?? `\\${sign}`);
  }

  /* A person is sorted by the family's name; the name of a body is not taken apart. */
  function texAuthor(author) {
    return author.family
      ? [author.family, author.given].filter(Boolean).map(tex).join(", ")
      : `{${tex(author.name)}}`;
  }

  function references(label, name) {
    const book = window.bookCitation ?? {
      title: document.title,
      authors: [],
      version: "",
      date: "",
    };
    const anchor = label ? `#${label}` : "";
    // the address of a file is nobody else's: who cites it names the page in the book
    const isFile = new URL(pageAddress()).protocol === "file:";
    const link = (isFile ? pageInBook() : pageAddress()) + anchor;
    const place = [pageTitle(book), name].filter(Boolean).join(", ");
    const edition = `Version ${book.version}, ${book.date}`;
    const year = book.date.slice(0, 4);
    const key = `dla-${
      label ||
      pageInBook()
        .split("/")
        .pop()
        .replace(/\.html$/, "")
    }`;
    const notes = [
      edition,
      place && label && !place.endsWith(label) ? `${place}, label ${label}` : place,
    ];
    if (isFile) notes.push(`Page ${pageInBook()}`);
    const people = book.authors.map(
      (author) => author.name ?? [author.given, author.family].filter(Boolean).join(" "),
    );
    const sentences = [
      `${new Intl.ListFormat("en").format(people)} (${year})`,
      book.title,
      edition,
    ];
    if (book.doi) sentences.push(`https://doi.org/${book.doi}`);
    if (place) sentences.push(place + (label && !place.endsWith(label) ? ` [${label}]` : ""));
    return {
      BibTeX: [
        `@misc{${key},`,
        `  author = {${book.authors.map(texAuthor).join(" and ")}},`,
        `  title = {{${tex(book.title)}}},`,
        `  year = {${year}},`,
        `  note = {${tex(notes.filter(Boolean).join(". "))}},`,
        ...(book.doi ? [`  doi = {${book.doi}},`] : []),
        ...(isFile ? [] : [`  url = {${link}},`]),
        "}",
      ].join("\n"),
      Reference: [...sentences, link].join(". "),
      Link: link,
    };
  }

  let dialog = null;

  function build() {
    dialog = document.createElement("dialog");
    dialog.className = "cite-dialog";
    dialog.setAttribute("aria-labelledby", "cite-title");
    dialog.innerHTML = `
      <h2 id="cite-title"></h2>
      ${["Reference", "BibTeX", "Link"]
        .map(
          (kind) => `
      <div class="cite-row">
        <label for="cite-${kind}">${kind}</label>
        <button type="button" data-copy="cite-${kind}" aria-label="Copy ${kind}">Copy</button>
        <textarea id="cite-${kind}" readonly spellcheck="false" rows="${{ BibTeX: 8, Reference: 5, Link: 2 }[kind]}"></textarea>
      </div>`,
        )
        .join("")}
      <div class="cite-end"><p role="status"></p><button type="button" class="cite-close">Close</button></div>`;
    document.body.append(dialog);
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.matches(".cite-close")) dialog.close();
      else if (event.target.dataset.copy)
        copy(dialog.querySelector(`#${event.target.dataset.copy}`), event.target);
    });
  }

  async function copy(field, button) {
    const status = dialog.querySelector("[role=status]");
    let done = false;
    try {
      await navigator.clipboard.writeText(field.value);
      done = true;
    } catch {
      field.select();
      done = document.execCommand?.("copy") ?? false;
      button.focus();
    }
    const kind = field.id.replace("cite-", "");
    if (!done) {
      field.focus();
      field.select();
    }
    status.textContent = done
      ? `${kind} copied.`
      : `${kind} is selected: copy it with the keyboard.`;
  }

  function open(label, name) {
    if (!dialog) build();
    dialog.querySelector("#cite-title").textContent = `Cite ${name || "this page"}`;
    for (const [kind, text] of Object.entries(references(label, name)))
      dialog.querySelector(`#cite-${kind}`).value = text;
    dialog.querySelector("[role=status]").textContent = "";
    dialog.showModal();
  }

  function addButton(place, label, name) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cite-button";
    button.textContent = "cite";
    button.setAttribute("aria-label", `cite ${name || "this page"}`);
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => open(label, name));
    place.append(" ", button);
  }

  for (const [selector, place, name] of PLACES)
    for (const thing of document.querySelectorAll(`.bd-article :is(${selector})`)) {
      const where = place(thing);
      if (!where) continue;
      if (/^H\d$/.test(where.tagName)) where.setAttribute("aria-label", words(where)); // without "# cite Section ..."
      addButton(where, labelOf(thing), name(thing));
    }

  const line = document.querySelector(".book-version");
  if (line) {
    const book = window.bookCitation;
    if (book) {
      const origin = book.source === "git" ? "" : ` (from ${book.source}: its commit is not known)`;
      line.querySelector("span").textContent = `${book.version} of ${book.date}${origin}`;
    }
    addButton(line, pageLabel(), "");
  }
})();
