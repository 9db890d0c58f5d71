/* Predictions: the outcome is closed until the reader has said "will hold" or "will fail", or opens it. What was said
   stays in this browser. On the trainer's page: how often, and in which chapters, the reader was right. */

(() => {
  "use strict";
  const KEY = "dla-predictions",
    FORMAT = "dla-book predictions",
    VERSION = 1;
  const SAID = ["hold", "fail", "opened"];

  /* ---- what was said: a Map, because labels may be names of JavaScript's own properties */
  let memory = new Map(),
    storageWorks = true;

  /* Where storage is refused or full, layout.html puts a stand-in that reads, and lasts as long as the page. */
  const keeps = () => storageWorks && !window.bookForgets;

  /* What is stored; if it is refused or cannot be read, it is left alone and this page's memory serves. */
  function read() {
    if (!storageWorks) return memory;
    try {
      const text = localStorage.getItem(KEY);
      if (!text) return new Map();
      const found = JSON.parse(text);
      if (found?.format === FORMAT && found.version === VERSION && isTable(found.said))
        return new Map(Object.entries(found.said));
    } catch {
      /* refused, or no JSON */
    }
    storageWorks = false;
    return memory;
  }

  function isTable(said) {
    return (
      said !== null &&
      typeof said === "object" &&
      !Array.isArray(said) &&
      Object.values(said).every((one) => SAID.includes(one))
    );
  }

  function write(said) {
    memory = said;
    if (!storageWorks) return;
    try {
      if (!said.size) localStorage.removeItem(KEY);
      else {
        const kept = { format: FORMAT, version: VERSION, said: Object.fromEntries(said) };
        localStorage.setItem(KEY, JSON.stringify(kept));
      }
    } catch {
      storageWorks = false;
    }
  }

  function keep(label, what) {
    const said = read();
    if (what) said.set(label, what);
    else said.delete(label);
    write(said);
  }

  function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties))
      if (name in made) made[name] = value;
      else made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const button = (text, onclick) =>
    element("button", { type: "button", textContent: text, onclick });

  /* ---- a page of a chapter: the box, and the line of the cell that decides it */
  function show(label, what) {
    const box = document.getElementById(label),
      outcome = box.querySelector(":scope > .outcome"),
      held = outcome.classList.contains("held");
    for (const place of [box, ...deciding(label)]) place.classList.toggle("is-open", Boolean(what));
    for (const ask of document.querySelectorAll(".prediction-ask"))
      if (ask.dataset.prediction === label) ask.hidden = Boolean(what);
    const said = box.querySelector(":scope > .prediction-said");
    const right = (what === "hold") === held ? "you were right" : "you were wrong";
    const words = {
      hold: `You said that it will hold: ${right}. `,
      fail: `You said that it will fail: ${right}. `,
    };
    said.replaceChildren(
      ...(what
        ? [
            words[what] ?? "You opened the outcome without saying what you expect. ",
            keeps() ? "" : "This browser keeps nothing: it is forgotten with the page. ",
            button("Ask me again", () => {
              keep(label, "");
              show(label, "");
              box.querySelector(".prediction-ask button").focus();
            }),
          ]
        : []),
    );
  }

  function deciding(label) {
    return [...document.querySelectorAll(".deciding")].filter(
      (place) => place.querySelector(":scope > .outcome a")?.hash === `#${label}`,
    );
  }

  /* Say or open; what is revealed gets the focus that the button had. */
  function open(label, what, place) {
    keep(label, what);
    show(label, what);
    place.querySelector(":scope > .outcome").focus();
  }

  function ask(box) {
    const label = box.id,
      outcome = box.querySelector(":scope > .outcome:is(.held, .failed)");
    if (!outcome) return;
    const group = (...content) =>
      element(
        "div",
        { className: "prediction-ask", role: "group", "aria-label": "What do you expect?" },
        ...content,
      );
    const question = group(
      element("span", {
        textContent: "What do you expect? Say it now: the text that follows tells the outcome.",
      }),
      button("Will hold", () => open(label, "hold", box)),
      button("Will fail", () => open(label, "fail", box)),
      button("Show the outcome", () => open(label, "opened", box)),
    );
    const said = element("p", { className: "prediction-said" });
    outcome.before(question, said);
    for (const place of deciding(label)) {
      const link = element("a", { href: `#${label}`, textContent: "the prediction" });
      place.prepend(
        group(
          element("span", {}, "This cell decides ", link, "."),
          button("Show the outcome", () => open(label, "opened", place)),
        ),
      );
      place.querySelector(":scope > .outcome").tabIndex = -1;
    }
    for (const made of [box, ...deciding(label)])
      made.querySelector(".prediction-ask").dataset.prediction = label;
    outcome.tabIndex = -1;
    show(label, read().get(label) ?? "");
    said.setAttribute("role", "status"); // from now on what changes is said aloud
  }

  /* ---- the trainer's page */
  function tally(predictions, said) {
    const count = () => ({ all: 0, said: 0, right: 0, opened: 0 });
    const chapters = new Map(),
      total = count();
    for (const { id, chapter, held } of predictions) {
      if (!chapters.has(chapter)) chapters.set(chapter, count());
      const what = said.get(id);
      for (const sum of [total, chapters.get(chapter)]) {
        sum.all += 1;
        if (what === "opened") sum.opened += 1;
        else if (what) {
          sum.said += 1;
          if ((what === "hold") === held) sum.right += 1;
        }
      }
    }
    return { chapters, total };
  }

  function part(trainer) {
    const { chapters, total } = tally(trainer.book.predictions, read());
    const percent = ({ right, said }) => (said ? `${Math.round((100 * right) / said)} %` : "-");
    const rows = [...chapters].map(([id, sum]) => {
      const { href, title } = trainer.chapters.get(id);
      const cells = [`${sum.said} of ${sum.all}`, sum.said ? `${sum.right}, ${percent(sum)}` : "-"];
      return element(
        "tr",
        {},
        element("td", {}, element("a", { href, textContent: title })),
        ...cells.map((cell) => element("td", { textContent: cell })),
      );
    });
    const head = ["Chapter", "Said", "Right"].map((name) => element("th", { textContent: name }));
    const box = element("div", { className: "trainer-predictions" });
    const words = total.said
      ? `You said of ${total.said} of ${total.all} predictions what to expect, and were right in ${total.right} (${percent(total)}). `
      : `The chapters make ${total.all} predictions. Say at each whether it will hold; what you said is counted here. `;
    const opened = total.opened ? `${total.opened} you opened without saying. ` : "";
    const forget = button("Forget what I said", () => {
      memory = new Map();
      try {
        localStorage.removeItem(KEY);
        storageWorks = true;
      } catch {
        storageWorks = false;
      }
      const empty = part(trainer);
      box.replaceWith(empty);
      empty.querySelector("h3").focus();
    });
    forget.className = "trainer-button";
    box.append(
      element("h3", { tabIndex: -1, textContent: "Your predictions" }),
      element("p", {}, words, opened, total.said || total.opened ? forget : ""),
    );
    if (total.said)
      box.append(
        element(
          "div",
          { className: "table-scroll" },
          element(
            "table",
            { className: "table" },
            element("thead", {}, element("tr", {}, ...head)),
            element("tbody", {}, ...rows),
          ),
        ),
      );
    return box;
  }

  /* ---- where this page is */
  const trainer = window.dlaTrainer;
  if (trainer) {
    if (trainer.book.predictions?.length) trainer.parts.push(() => part(trainer));
    addEventListener("storage", (event) => {
      if (event.key === KEY)
        document.querySelector(".trainer-predictions")?.replaceWith(part(trainer));
    });
    return;
  }
  document.documentElement.classList.add("asks-predictions"); // in the head: before the first paint
  const boxes = () => document.querySelectorAll(".prediction[id]");
  document.addEventListener("DOMContentLoaded", () => boxes().forEach(ask));
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    const said = read();
    for (const box of boxes())
      if (box.querySelector(".prediction-said")) show(box.id, said.get(box.id) ?? "");
  });
})();
