/* A "cite" button at the page, and at each section, equation, figure, statement, exercise, prediction and oral question:
   BibTeX, a formatted reference and the link, of the book's version (version.js). */

(() => {
  const PLACES = [  // what is cited, and where its button goes
    ["div.math[id^='equation-']", thing => thing.nextElementSibling?.querySelector(":scope.equation-mark p"),
      thing => `Equation ${words(thing.querySelector(".eqno"))}`],
    ["figure[id^='fig-']", thing => thing.querySelector("figcaption p"),
      thing => words(thing.querySelector(".caption-number")).replace("Fig.", "Figure")],
    [".exercise[id], .proof[id]", title, thing => words(title(thing))],
    [".prediction[id]", title, () => "Prediction"],
    ["section > :is(h2, h3, h4):has(> a.headerlink[href])", thing => thing,
      thing => `Section “${words(thing)}”`],
    [".oral[id]", title, thing => `Oral question “${words(title(thing).querySelector("strong"))}”`],
  ];

  function title(box) { return box.querySelector(":scope > .admonition-title, :scope > .oral-kind"); }

  /* The text of an element as it is seen: one copy of each formula, no links to itself. */
  function words(element) {
    if (!element) return "";
    const copy = element.cloneNode(true);
    for (const extra of copy.querySelectorAll(".katex-html, .headerlink, .cite-button")) extra.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  /* A heading's label is what its link to itself ends in; an equation's id has a prefix. */
  function labelOf(thing) {
    const own = thing.querySelector(":scope > a.headerlink[href^='#']")?.getAttribute("href").slice(1);
    return /^H\d$/.test(thing.tagName) ? own : thing.id.replace(/^equation-/, "");
  }

  function pageTitle() {
    const heading = document.querySelector(".bd-article h1");
    const number = words(heading?.querySelector(".section-number")).replace(/\.$/, "");
    const text = words(heading).replace(/^[\d.]+\s+/, "");
    return number ? `${number.includes(".") ? "Section" : "Chapter"} ${number}, ${text}` : text;
  }

  function pageLabel() {
    return document.querySelector(".bd-article h1")?.parentElement.querySelector(":scope > span[id]")?.id ?? "";
  }

  /* In a copy on a disk only the part inside the book: where it lies is nobody else's business, and no address. */
  function pageAddress() {
    const published = document.querySelector("link[rel=canonical]")?.href, here = location.href.split(/[?#]/)[0];
    if (published || location.protocol !== "file:") return published ?? here;
    const root = new URL(document.documentElement.dataset.content_root ?? "./", here).href;
    return here.slice(root.length);
  }

  /* BibTeX keeps its own signs out of the text. */
  function tex(text) {
    const signs = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "“": "``", "”": "''"};
    return text.replace(/[&%$#_{}]/g, "\\$&").replace(/\\(?![&%$#_{}])|[~^“”]/g, sign => signs[sign]);
  }

  function references(label, name) {
    const book = window.bookCitation ?? {title: document.title, author: "", version: "", date: ""};
    const link = pageAddress() + (label ? `#${label}` : "");
    const place = [pageTitle(), name].filter(Boolean).join(", ");
    const edition = `Version ${book.version}, ${book.date}`;
    const year = book.date.slice(0, 4);
    const isAddress = /^https?:/.test(link);
    const key = `dla-${label || location.pathname.split("/").pop().replace(/\.html$/, "")}`;
    return {
      "BibTeX": [
        `@misc{${key},`,
        `  author = {{${tex(book.author)}}},`,
        `  title = {{${tex(book.title)}}},`,
        `  year = {${year}},`,
        `  note = {${edition}. ${tex(place)}${label ? `, label ${tex(label)}` : ""}},`,
        ...(isAddress ? [`  url = {${link}}`] : [`  howpublished = {offline copy, \\url{${link}}}`]),
        "}",
      ].join("\n"),
      "Reference": `${book.author} (${year}). ${book.title}. ${edition}. ${place}${label ? ` [${label}]` : ""}. ${isAddress ? link : `Offline copy, ${link}`}`,
      "Link": link,
    };
  }

  let dialog = null;

  function build() {
    dialog = document.createElement("dialog");
    dialog.className = "cite-dialog";
    dialog.setAttribute("aria-labelledby", "cite-title");
    dialog.innerHTML = `
      <h2 id="cite-title"></h2>
      ${["Reference", "BibTeX", "Link"].map(kind => `
      <div class="cite-row">
        <label for="cite-${kind}">${kind}</label>
        <button type="button" data-copy="cite-${kind}" aria-label="Copy ${kind}">Copy</button>
        <textarea id="cite-${kind}" readonly spellcheck="false" rows="${{BibTeX: 8, Reference: 5, Link: 2}[kind]}"></textarea>
      </div>`).join("")}
      <div class="cite-end"><p role="status"></p><button type="button" class="cite-close">Close</button></div>`;
    document.body.append(dialog);
    dialog.addEventListener("click", event => {
      if (event.target === dialog || event.target.matches(".cite-close")) dialog.close();
      else if (event.target.dataset.copy) copy(dialog.querySelector(`#${event.target.dataset.copy}`), event.target);
    });
  }

  async function copy(field, button) {
    const status = dialog.querySelector("[role=status]");
    let done = false;
    try { await navigator.clipboard.writeText(field.value); done = true; } catch (refused) {
      field.select();
      done = document.execCommand("copy");
      button.focus();
    }
    const kind = field.id.replace("cite-", "");
    if (!done) { field.focus(); field.select(); }
    status.textContent = done ? `${kind} copied.` : `${kind} is selected: copy it with the keyboard.`;
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
      if (/^H\d$/.test(where.tagName)) where.setAttribute("aria-label", words(where));  // without "# cite Section ..."
      addButton(where, labelOf(thing), name(thing));
    }

  const line = document.querySelector(".book-version");
  if (line) {
    const book = window.bookCitation;
    if (book) {
      const origin = book.source === "git" ? "" : ` (from ${book.source}: built without git)`;
      line.querySelector("span").textContent = `${book.version} of ${book.date}${origin}`;
    }
    addButton(line, pageLabel(), "");
  }
})();
