/* The oral trainer: answer aloud, reveal, grade yourself by the rubric. Progress stays in this browser. */

(() => {
  "use strict";
  const book = window.dlaOral,
    KEY = "dla-oral",
    FORMAT = "dla-book oral progress",
    VERSION = 1;
  const LARGEST = 4e6; // bytes of a file: browsers keep five million letters
  const root = document.getElementById("trainer");
  if (!book || !root) return;

  /* ---- questions: the index is here, their text is loaded chapter by chapter */
  const questions = new Map(book.questions.map((question) => [question.id, question]));
  const chapters = new Map(book.chapters.map((chapter) => [chapter.id, chapter]));
  const bank = new Map();
  window.dlaOralBank = (chapter, content) => bank.set(chapter, content);

  function load(chapter) {
    if (bank.has(chapter)) return Promise.resolve(bank.get(chapter));
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = chapters.get(chapter).bank;
      script.onload = () => done(bank.get(chapter));
      script.onerror = () => {
        script.remove();
        failed(new Error(`${script.src} could not be loaded`));
      };
      document.head.append(script);
    });
  }

  /* ---- progress: one record per question; records of unknown questions are kept as they are */
  const memory = { format: FORMAT, version: VERSION, questions: {} };
  let storageWorks = true,
    faultless = ""; // the text that was found without fault the last time

  /* What is wrong with a file or with what is stored; an empty string if nothing is. */
  function fault(text) {
    let found;
    try {
      found = JSON.parse(text);
    } catch (error) {
      return `it is not JSON (${error.message})`;
    }
    if (!found || found.format !== FORMAT)
      return `expected "format": "${FORMAT}", found ${JSON.stringify(found?.format) || "none"}`;
    if (found.version > VERSION)
      return `it is of a newer version of the book (${found.version}, this page reads ${VERSION}): read that one`;
    if (found.version !== VERSION)
      return `it has version ${JSON.stringify(found.version)}, this page reads ${VERSION}`;
    if (!found.questions || typeof found.questions !== "object" || Array.isArray(found.questions))
      return "it has no table of questions";
    for (const [id, entry] of Object.entries(found.questions)) {
      if (!/^oral-[\w-]{1,80}$/.test(id))
        return `${JSON.stringify(id).slice(0, 80)} is no label of an oral question`;
      if (!isWhole(entry)) return `the entry of ${id} is damaged`;
    }
    return "";
  }

  /* Whether an entry has what is read from it, and a card that can be scheduled. */
  function isWhole(entry) {
    const card = entry?.card,
      isTime = (text) => typeof text === "string" && !Number.isNaN(Date.parse(text));
    const isCount = (number) => number === undefined || (Number.isInteger(number) && number >= 0);
    if (
      !card ||
      !isTime(entry.time) ||
      !isTime(card.due) ||
      !(card.last_review === undefined || isTime(card.last_review)) ||
      typeof card.stability !== "number" ||
      typeof card.difficulty !== "number" ||
      card.reps === undefined ||
      ![card.reps, card.lapses, card.learning_steps].every(isCount) ||
      ![0, 1, 2, 3].includes(card.state) ||
      !Array.isArray(entry.said) ||
      entry.said.length > 20 ||
      !entry.said.every((line) => typeof line === "boolean") ||
      ![1, 2, 3, 4].includes(entry.rating)
    )
      return false;
    return (
      card.state === 0 || (card.stability > 0 && card.difficulty >= 1 && card.difficulty <= 10)
    );
  }

  /* Where storage is refused or full, layout.html puts a stand-in that reads, and lasts as long as the page. */
  const keeps = () => storageWorks && !window.bookForgets;

  /* What is stored; if it is refused or cannot be read, it is left alone and this page's memory serves. */
  function read() {
    if (!storageWorks) return memory;
    try {
      const text = localStorage.getItem(KEY);
      if (!text) return { format: FORMAT, version: VERSION, questions: {} };
      if (text === faultless || !fault(text)) {
        faultless = text;
        return JSON.parse(text);
      }
    } catch {
      /* refused */
    }
    storageWorks = false;
    return memory;
  }

  function write(progress) {
    memory.questions = progress.questions;
    if (!storageWorks) return;
    try {
      faultless = JSON.stringify(progress);
      localStorage.setItem(KEY, faultless);
    } catch {
      storageWorks = false;
    }
  }

  function record(id, said, rating, now = new Date()) {
    const progress = read(),
      before = progress.questions[id];
    const card = { ...FSRS.createEmptyCard(now), ...before?.card };
    const last = Date.parse(card.last_review ?? now); // later than now if a clock was put back since
    const next = scheduler.next(card, new Date(Math.max(now, last)), rating).card;
    progress.questions[id] = { card: next, said, rating, time: now.toISOString() };
    write(progress);
  }

  /* Of two states of a question the one that was answered later. */
  function merged(own, other) {
    const questions = { ...own };
    for (const [id, entry] of Object.entries(other))
      if (!questions[id] || Date.parse(questions[id].time) < Date.parse(entry.time))
        questions[id] = entry;
    return questions;
  }

  /* ---- rules */
  const scheduler = FSRS.fsrs({
    enable_fuzz: false,
    learning_steps: ["10m"],
    relearning_steps: ["10m"],
  });
  const RATINGS = ["Again", "Hard", "Good", "Easy"];

  /* Without a correct definition, or with one line only, again; all five lines are easy. */
  function suggestedRating(said) {
    const points = said.filter(Boolean).length;
    if (!said[0] || points < 2) return 1;
    return points === said.length ? 4 : points === said.length - 1 ? 3 : 2;
  }

  /* ---- views */
  function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties))
      if (name in made) made[name] = value;
      else made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const html = (className, content) => element("div", { className, innerHTML: content });
  const button = (text, onclick) =>
    element("button", { type: "button", className: "trainer-button", textContent: text, onclick });

  const NOT_STORED =
    "What is stored here cannot be read or written; it is left as it is. " +
    "Training works, but what you answer from now on is lost when the page closes unless you export it.";

  function show(title, ...content) {
    const heading = element("h2", { tabIndex: -1, textContent: title });
    root.replaceChildren(
      heading,
      keeps() ? "" : element("p", { role: "alert", textContent: NOT_STORED }),
      ...content,
    );
    if (show.started) heading.focus();
    show.started = true;
  }

  function home(said = "") {
    read(); // finds out whether storage works
    const choice = element("select", { id: "trainer-chapter" });
    for (const chapter of book.chapters) choice.append(new Option(chapter.title, chapter.id));
    const chapter = element(
      "div",
      {},
      element("h3", { textContent: "Train one chapter" }),
      element(
        "p",
        {},
        element("label", { htmlFor: choice.id, textContent: "Chapter " }),
        choice,
        " ",
        button("Start", () =>
          train(book.questions.filter((q) => q.chapter === choice.value).map((q) => q.id)),
        ),
      ),
    );
    if (said) opened.add("Your progress");
    show(
      "Today",
      todayPart(),
      ...[chapter, ...parts.map((part) => part()), progressPart(said)].map(fold),
    );
    home.shown = root.firstChild;
    if (said) root.querySelector(".trainer-said").focus();
  }

  /* What another tab answered, imported or erased is seen here as well, unless something is being answered or asked. */
  window.addEventListener("storage", (event) => {
    if (
      home.shown?.isConnected &&
      event.key === KEY &&
      !root.querySelector(".trainer-ask button")
    ) {
      const focused = document.activeElement?.id,
        chosen = [...root.querySelectorAll("select, [type=number]")];
      show.started = false; // whoever is elsewhere on the page stays there
      home();
      for (const { id, value } of chosen) document.getElementById(id).value = value;
      if (focused) document.getElementById(focused)?.focus();
    }
  });

  /* Known questions whose day has come, the longest due first. */
  function dueToday(now = new Date()) {
    const end = new Date(now).setHours(23, 59, 59, 999),
      kept = read().questions;
    const due = (id) => Date.parse(kept[id].card.due);
    return Object.keys(kept)
      .filter((id) => questions.has(id) && due(id) <= end)
      .sort((a, b) => due(a) - due(b));
  }

  /* One thing to do: what is due, or else the next chapter that has questions never answered. */
  function todayPart() {
    const due = dueToday(),
      kept = read().questions;
    if (due.length)
      return element(
        "p",
        {},
        `${due.length} ${due.length === 1 ? "question is" : "questions are"} due. `,
        button("Repeat", () => train(due)),
      );
    const open = (chapter) =>
      book.questions.filter((q) => q.chapter === chapter.id && !kept[q.id]).map((q) => q.id);
    const next = book.chapters.find((chapter) => open(chapter).length);
    const begun = book.questions.some((q) => kept[q.id]);
    if (!next)
      return element("p", {
        textContent: "Nothing is due, and every question was answered: take an examination.",
      });
    const left = open(next);
    return element(
      "p",
      {},
      begun ? "Nothing is due. Next: " : "Begin with ",
      element("a", { href: next.href, textContent: next.title }),
      `, ${left.length} ${left.length === 1 ? "question" : "questions"}${begun ? " not answered yet" : ""}. `,
      button("Begin", () => train(left)),
    );
  }

  /* A part of the first view under its heading, folded until it is asked for; it stays as it was left. */
  const opened = new Set();

  function fold(part) {
    const heading = part ? part.querySelector("h3") : null;
    if (!heading) return part;
    const name = heading.textContent;
    const box = element("details", { className: "trainer-part-of-home", open: opened.has(name) });
    box.append(element("summary", {}, heading), part);
    box.ontoggle = () => (box.open ? opened.add(name) : opened.delete(name));
    return box;
  }

  function progressPart(said) {
    const status = element("p", {
      className: "trainer-said",
      role: "status",
      tabIndex: -1,
      textContent: said,
    });
    const ask = element("div", { className: "trainer-ask" });
    const say = (text) => {
      ask.replaceChildren();
      status.textContent = text;
    };
    const file = element("input", {
      type: "file",
      accept: ".json,application/json",
      id: "trainer-file",
    });
    const keep = (questions) => {
      write({ format: FORMAT, version: VERSION, questions });
      home(keeps() ? "Kept." : "Kept until this page closes: this browser stores nothing.");
    };
    const question = (text, ...choices) => {
      status.textContent = text;
      ask.replaceChildren(
        ...choices,
        button("Cancel", () => say("Nothing was changed.")),
      );
      ask.firstChild.focus();
    };
    file.onchange = async () => {
      if (!file.files.length) return;
      const { name, size } = file.files[0],
        large = size > LARGEST;
      const text = large ? "" : await file.files[0].text().catch((error) => `(${error.message})`);
      const wrong = large
        ? `it has ${Math.ceil(size / 1e6)} MB, progress has less than ${LARGEST / 1e6} MB`
        : fault(text);
      file.value = "";
      if (wrong) return say(`${name} was refused: ${wrong}. Nothing was changed.`);
      const other = JSON.parse(text).questions,
        n = Object.keys(other).length;
      question(
        `${name} has ${n} answered ${n === 1 ? "question" : "questions"}.`,
        button("Merge, the later answer counts", () => keep(merged(read().questions, other))),
        button("Replace what is here", () => keep(other)),
      );
    };
    const save = () => {
      const link = element("a", {
        download: "dla-oral-progress.json",
        href: URL.createObjectURL(
          new Blob([JSON.stringify(read(), null, 1)], { type: "application/json" }),
        ),
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    };
    const erase = () =>
      question(
        "Erase all progress in this browser?",
        button("Erase", () => {
          memory.questions = {};
          try {
            localStorage.removeItem(KEY);
            storageWorks = true;
          } catch {
            storageWorks = false;
          }
          home("Erased.");
        }),
      );
    return element(
      "div",
      {},
      element("h3", { textContent: "Your progress" }),
      button("Export", save),
      element("label", { htmlFor: file.id, textContent: "Import a file " }),
      file,
      button("Erase", erase),
      status,
      ask,
    );
  }

  async function train(ids, place = 0) {
    if (place >= ids.length) return finished(ids);
    const question = questions.get(ids[place]),
      chapter = chapters.get(question.chapter);
    let text;
    try {
      text = (await load(question.chapter))[question.id];
    } catch (error) {
      show(
        "This question could not be loaded",
        element(
          "p",
          {},
          `${error.message}. `,
          element("a", { href: question.href, textContent: "Read it in its chapter" }),
          ".",
        ),
        button("Back", () => home()),
      );
      return;
    }
    const reveal = button("Show the model answer", () =>
      reveal.replaceWith(
        marking(text, {
          done(said, rating) {
            record(question.id, said, rating);
            train(ids, place + 1);
          },
        }),
      ),
    );
    show(
      `${place + 1} of ${ids.length}: ${book.kinds[question.kind]}`,
      element(
        "p",
        { className: "oral-details" },
        `${chapter.title}, difficulty ${question.difficulty} of 3, ${question.outcomes.join(", ")}`,
      ),
      html("trainer-prompt", text.prompt),
      reveal,
      button("Back", () => home()),
    );
  }

  /* The model answer with the rubric to tick; in an examination the rating follows from the rubric. */
  function marking(text, { said = [], isExamination = false, changed = () => {}, done }) {
    const form = element("form", { className: "trainer-marking" });
    const boxes = text.rubric.map((_, k) =>
      element("input", { type: "checkbox", checked: Boolean(said[k]) }),
    );
    const lines = element("fieldset", {}, element("legend", { textContent: "What did you say?" }));
    for (const [k, line] of text.rubric.entries())
      lines.append(element("label", {}, boxes[k], html("trainer-line", line)));
    const ratings = element(
      "fieldset",
      {},
      element("legend", { textContent: "How well did you know it?" }),
    );
    const radios = RATINGS.map((_, k) =>
      element("input", { type: "radio", name: "rating", value: k + 1 }),
    );
    for (const [k, radio] of radios.entries())
      ratings.append(element("label", {}, radio, ` ${RATINGS[k]}`));
    const ticked = () => boxes.map((box) => box.checked);
    let chosen = false;
    const suggest = () => {
      if (!chosen) radios[suggestedRating(ticked()) - 1].checked = true;
    };
    ratings.onchange = () => {
      chosen = true;
    };
    lines.onchange = () => {
      suggest();
      changed(ticked());
    };
    suggest();
    const answer = element("div", { className: "trainer-model" });
    for (const [title, part] of [
      [book.titles.outline, text.outline],
      [book.titles.spoken, text.spoken],
      [text.spoken ? book.titles.model : "", text.model],
    ])
      if (part)
        answer.append(
          title ? element("h3", { textContent: title }) : "",
          html("trainer-part", part),
        );
    answer.tabIndex = -1; // what is revealed gets the focus that the button had
    form.append(
      answer,
      html("trainer-proof", text.proof),
      lines,
      isExamination ? "" : ratings,
      element("button", {
        type: "submit",
        className: "trainer-button",
        textContent: "Keep and go on",
      }),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      done(ticked(), Number(radios.find((radio) => radio.checked).value));
    };
    setTimeout(() => answer.isConnected && answer.focus());
    return form;
  }

  function finished(ids) {
    const kept = read().questions;
    show(
      "Done",
      element(
        "ul",
        {},
        ...ids
          .filter((id) => kept[id])
          .map((id) =>
            element(
              "li",
              {},
              element("a", {
                href: questions.get(id).href,
                textContent: book.kinds[questions.get(id).kind],
              }),
              `: ${kept[id].said.filter(Boolean).length} of ${kept[id].said.length} lines, due ${new Date(kept[id].card.due).toLocaleDateString()}`,
            ),
          ),
      ),
      button("Back", () => home()),
    );
  }

  /* The other scripts of this page add parts to its first view, or begin elsewhere. */
  const parts = [];
  window.dlaTrainer = {
    suggestedRating,
    record,
    read,
    fault,
    merged,
    dueToday,
    scheduler,
    book,
    questions,
    chapters,
    load,
    element,
    html,
    button,
    show,
    home,
    marking,
    parts,
    begin: home,
  };
  document.addEventListener("DOMContentLoaded", () => window.dlaTrainer.begin());
})();
