/* The thirty-minute examination, and what is weak. Progress and views are those of trainer.js. */

(() => {
  "use strict";
  const trainer = window.dlaTrainer;
  if (!trainer) return;
  const { book, questions, chapters, load, read, record, element, html, button, show } = trainer;
  const KEY = "dla-oral-examination",
    FORMAT = "dla-book oral examination",
    VERSION = 1;
  const MINUTES = 30,
    EACH = 5,
    ANNOUNCED = [25, 10, 5, 1],
    MINUTE = 60000;
  const WEAK = 0.6; // a smaller share of the rubric's points is weak
  const AGAIN = 12; // questions to read again at a time
  const STEPS = ["1.0", "1.3", "1.7", "2.0", "2.3", "2.7", "3.0", "3.3", "3.7", "4.0"];
  const SCALE = "dla-oral-scale"; // where the reader's choice is kept
  /* Eleven grades, of which ten pass, in equal steps from just below all points to the least that pass. */
  const steps = (pass) => [
    ...STEPS.map((name, k) => [pass + ((100 - pass) * (9 - k)) / 10, name]),
    [0, "5.0"],
  ];
  const LETTERS = [
    [90, "A"],
    [80, "B"],
    [70, "C"],
    [60, "D"],
    [50, "E"],
    [0, "F"],
  ];
  const PASS = [
    [50, "pass"],
    [0, "fail"],
  ];
  /* Per cent of the points, at least, and the grade. */
  const SCALES = {
    "1.0 to 5.0, half of the points pass": steps(50),
    "1.0 to 5.0, 60 % pass": steps(60),
    "A to F, half of the points pass": LETTERS,
    "pass or fail": PASS,
  };
  const [USUAL] = Object.keys(SCALES);
  let scale = USUAL;
  try {
    const kept = localStorage.getItem(SCALE);
    if (Object.hasOwn(SCALES, kept)) scale = kept;
  } catch {
    /* the usual one */
  }

  function choose(name) {
    scale = name;
    try {
      localStorage.setItem(SCALE, name);
    } catch {
      /* it lasts as long as this page */
    }
  }
  const root = () => document.getElementById("trainer");
  const points = (said) => said.filter(Boolean).length;
  const percent = (part, whole) => `${Math.round((100 * part) / whole)} %`;
  const grade = (part, whole) => SCALES[scale].find(([least]) => 100 * part >= least * whole)[1];

  /* ---- which questions: one of each kind, in the order of an examination */

  /* A number from 0 to 2^32 - 1, the same for the same draw and question (FNV-1a, mixed). */
  function drawn(draw, id) {
    let hash = 2166136261;
    for (const letter of `${draw} ${id}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  /* The share of points that was missing the last time, one half if never asked, and one more when due. */
  function need(entry, now) {
    if (!entry) return 1 / 2;
    return (
      1 -
      points(entry.said) / (entry.said.length || 1) +
      (Date.parse(entry.card.due) <= now ? 1 : 0)
    );
  }

  /* Topic first; the computation also from its part of the book; the last three from other chapters. */
  function plan(topic, draw, kept = read().questions, now = Date.now()) {
    const own = (chapter) => chapter === topic,
      other = (chapter) => chapter !== topic;
    const near = (chapter) => chapters.get(chapter).part === chapters.get(topic).part;
    const from = {
      present: own,
      define: own,
      compute: near,
      why: other,
      break: other,
      transfer: other,
    };
    const asked = [];
    for (const kind of Object.keys(book.kinds)) {
      const all = book.questions.filter((question) => question.kind === kind);
      const fit = all.filter((question) => from[kind](question.chapter));
      const used = (question) =>
        from[kind] === other
          ? asked.filter((id) => questions.get(id).chapter === question.chapter).length
          : 0;
      const ofChapter = new Map(); // one each, so that a chapter with two is not drawn twice as often
      for (const question of fit.length ? fit : all) {
        const one = {
          id: question.id,
          used: used(question),
          need: need(kept[question.id], now),
          drawn: drawn(draw, question.id),
          turn: drawn(`${draw} in its chapter`, question.id),
        };
        const rival = ofChapter.get(question.chapter);
        if (!rival || one.need > rival.need || (one.need === rival.need && one.turn < rival.turn))
          ofChapter.set(question.chapter, one);
      }
      const ranked = [...ofChapter.values()].sort(
        (a, b) => a.used - b.used || b.need - a.need || a.drawn - b.drawn,
      );
      if (ranked.length) asked.push(ranked[0].id);
    }
    return asked;
  }

  /* ---- its state: kept, so that a reload goes on; the clock goes on, but not while an answer is read */
  let state = null;

  function restore() {
    try {
      const found = JSON.parse(localStorage.getItem(KEY));
      const works =
        found &&
        found.format === FORMAT &&
        found.version === VERSION &&
        !Number.isNaN(Date.parse(found.started)) &&
        [found.asked, found.answers].every(Array.isArray) &&
        found.asked.length &&
        found.asked.every((id) => questions.has(id)) &&
        found.answers.length <= found.asked.length &&
        found.answers.every((answer) => answer && Array.isArray(answer.said)) &&
        (found.said === null || Array.isArray(found.said)) &&
        (!found.stopped || !Number.isNaN(Date.parse(found.stopped)));
      return works ? found : null;
    } catch {
      return null;
    }
  }

  function keep() {
    try {
      if (state) localStorage.setItem(KEY, JSON.stringify(state));
      else localStorage.removeItem(KEY);
    } catch {
      /* it lasts as long as this page */
    }
  }

  const left = () =>
    Date.parse(state.started) +
    MINUTES * MINUTE -
    (state.stopped ? Date.parse(state.stopped) : Date.now());

  /* An answer is shown: what is left stays until the next question. */
  function stop() {
    state.stopped = new Date().toISOString();
  }

  function resume() {
    if (!state.stopped) return;
    const later = Date.now() - Date.parse(state.stopped);
    state.started = new Date(Date.parse(state.started) + later).toISOString();
    delete state.stopped;
  }

  /* ---- views */
  function examinationPart() {
    const topics = book.chapters.filter((c) =>
      book.questions.some((q) => q.chapter === c.id && q.kind === "present"),
    );
    if (!topics.length) return "";
    const choice = element("select", { id: "trainer-topic" });
    for (const chapter of topics) choice.append(new Option(chapter.title, chapter.id));
    const draw = element("input", {
      id: "trainer-draw",
      type: "number",
      min: 0,
      max: 9999,
      value: Math.floor(Math.random() * 10000),
    });
    const form = element(
      "form",
      {},
      element(
        "p",
        {},
        element("label", { htmlFor: choice.id, textContent: "Topic to present " }),
        choice,
      ),
      element(
        "p",
        {},
        element("label", { htmlFor: draw.id, textContent: "Number of the draw " }),
        draw,
        " ",
        element("button", {
          type: "submit",
          className: "trainer-button",
          textContent: "Start the examination",
        }),
      ),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      state = {
        format: FORMAT,
        version: VERSION,
        topic: choice.value,
        draw: draw.value,
        started: new Date().toISOString(),
        asked: plan(choice.value, draw.value),
        answers: [],
        said: null,
      };
      keep();
      ask();
    };
    return element(
      "div",
      {},
      element("h3", { textContent: "Examination of thirty minutes" }),
      element("p", {
        textContent:
          "Present a topic for five minutes; then one question each to define, to compute, why, what breaks it, and to transfer. The clock stops while you read an answer, and else is not paused.",
      }),
      form,
      element(
        "details",
        {},
        element("summary", { textContent: "How the questions are drawn, and graded" }),
        element("p", {
          textContent:
            "Presentation and definition are the topic's; the computation is of the topic or its part of the book; the last three are of other chapters, of those first that were not asked yet. Of several that fit: what is due first, then what you missed most the last time (half, if never asked), then the draw. The same number draws the same questions for the same progress.",
        }),
        gradeTable(),
      ),
    );
  }

  function table(head, rows) {
    const cells = (tag, row) => element("tr", {}, ...row.map((cell) => element(tag, {}, cell)));
    return element(
      "div",
      { className: "table-scroll" },
      element(
        "table",
        { className: "table" },
        element("thead", {}, cells("th", head)),
        element("tbody", {}, ...rows.map((row) => cells("td", row))),
      ),
    );
  }

  /* The scale that the reader chose, and a choice of others. */
  function gradeTable(changed = () => {}) {
    const rows = () =>
      table(
        ["Points, at least", "Grade"],
        SCALES[scale].map(([least, name]) => [`${least} %`, name]),
      );
    const choice = element("select", { id: "trainer-scale" });
    for (const name of Object.keys(SCALES)) choice.append(new Option(name, name));
    choice.value = scale;
    const box = element(
      "div",
      {},
      element("p", {}, element("label", { htmlFor: choice.id, textContent: "Scale " }), choice),
      rows(),
    );
    choice.onchange = () => {
      choose(choice.value);
      box.lastChild.replaceWith(rows());
      changed();
    };
    return box;
  }

  /* What is left, each second to be seen and at four minutes to be heard. */
  function clock(place) {
    const time = element("span", { role: "timer" }),
      heard = element("span", { role: "status", className: "visually-hidden" });
    const target = MINUTES - EACH * (place + 1);
    let before = left();
    const tick = () => {
      if (!state) return;
      const now = left(),
        seconds = Math.max(0, Math.ceil(now / 1000));
      time.textContent =
        now <= 0
          ? "Time is over"
          : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left${state.stopped ? ", stopped" : ""}`;
      const passed = ANNOUNCED.filter(
        (minutes) => before > minutes * MINUTE && now <= minutes * MINUTE,
      ).pop();
      if (passed) heard.textContent = `${passed} ${passed === 1 ? "minute" : "minutes"} left`;
      if (before > 0 && now <= 0)
        heard.textContent = "Time is over. Grade this answer, then the examination ends.";
      before = now;
      if (box.isConnected) setTimeout(tick, 1000);
    };
    const box = element(
      "p",
      { className: "trainer-clock" },
      time,
      target > 0 ? `, go on at ${target}:00` : "",
      heard,
    );
    setTimeout(tick);
    return box;
  }

  async function ask() {
    const place = state.answers.length,
      id = state.asked[place];
    if (!id || state.ended || (left() <= 0 && !state.said)) return result();
    const question = questions.get(id),
      now = state;
    const end = button("End the examination", result);
    let text;
    try {
      text = (await load(question.chapter))[id];
    } catch (error) {
      show(
        "This question could not be loaded",
        element("p", { textContent: `${error.message}.` }),
        button("Try again", ask),
        end,
      );
      return;
    }
    if (state !== now) return;
    const answer = () =>
      trainer.marking(text, {
        said: state.said,
        isExamination: true,
        changed(said) {
          state.said = said;
          keep();
        },
        done(said) {
          record(id, said, trainer.suggestedRating(said));
          state.answers.push({ id, said });
          state.said = null;
          resume();
          keep();
          ask();
        },
      });
    const reveal = button("Show the model answer", () => {
      state.said = text.rubric.map(() => false);
      stop();
      keep();
      reveal.replaceWith(answer());
    });
    show(
      `Examination, ${place + 1} of ${state.asked.length}: ${book.kinds[question.kind]}`,
      clock(place),
      element("p", {
        className: "oral-details",
        textContent: `${chapters.get(question.chapter).title}, difficulty ${question.difficulty} of 3`,
      }),
      html("trainer-prompt", text.prompt),
      state.said ? answer() : reveal,
      end,
    );
  }

  function result() {
    state.ended = state.ended || new Date().toISOString();
    state.said = null;
    resume();
    keep();
    const lines = book.rubric.length,
      whole = lines * state.asked.length;
    const sum = state.answers.reduce((total, answer) => total + points(answer.said), 0);
    const rows = state.asked.map((id, k) => [
      element("a", {
        href: questions.get(id).href,
        textContent: book.kinds[questions.get(id).kind],
      }),
      chapters.get(questions.get(id).chapter).title,
      state.answers[k] ? `${points(state.answers[k].said)} of ${lines}` : "not answered",
    ]);
    const bad = state.asked.filter((_, k) => !state.answers[k] || isBad(state.answers[k].said));
    show(
      `Grade ${grade(sum, whole)}`,
      element("p", {
        textContent: `${sum} of ${whole} points of the rubrics, ${percent(sum, whole)}; what was not answered has none. Your own assessment, by the rubrics of this book: no other examination is graded like this.`,
      }),
      state.answers.length < state.asked.length && left() > 0
        ? element(
            "p",
            {},
            "The clock still runs. ",
            button("Go on with the examination", () => {
              delete state.ended;
              keep();
              ask();
            }),
          )
        : "",
      table(["Question", "Chapter", "Points"], rows),
      readAgain(bad),
      element(
        "details",
        {},
        element("summary", { textContent: "How the grade is found" }),
        gradeTable(() => {
          root().querySelector("h2").textContent = `Grade ${grade(sum, whole)}`;
        }),
      ),
      button("Back", () => {
        state = null;
        keep();
        trainer.home();
      }),
    );
  }

  /* ---- what is weak */
  const isBad = (said) => !said[0] || points(said) < WEAK * said.length;

  /* Of each chapter and outcome: points, lines of the rubric, questions answered, questions there are. */
  function tally(kept = read().questions) {
    const row = () => ({ points: 0, lines: 0, answered: 0, all: 0 });
    const byChapter = new Map(book.chapters.map((chapter) => [chapter.id, row()]));
    const byOutcome = new Map(Object.keys(book.outcomes).map((name) => [name, row()]));
    for (const question of book.questions) {
      const entry = kept[question.id];
      for (const sum of [
        byChapter.get(question.chapter),
        ...question.outcomes.map((name) => byOutcome.get(name)),
      ]) {
        if (!sum) continue;
        sum.all += 1;
        if (!entry) continue;
        sum.answered += 1;
        sum.points += points(entry.said);
        sum.lines += entry.said.length;
      }
    }
    return { byChapter, byOutcome };
  }

  const isWeak = (sum) => sum.answered > 0 && sum.points < WEAK * sum.lines;

  function weakPart() {
    const { byChapter, byOutcome } = tally();
    const weak = [
      ...[...byChapter].filter(([, sum]) => isWeak(sum)).map(([id]) => chapters.get(id).title),
      ...[...byOutcome].filter(([, sum]) => isWeak(sum)).map(([name]) => name),
    ];
    const answered = [...byChapter.values()].some((sum) => sum.answered);
    return element(
      "div",
      {},
      element("h3", { textContent: "What is weak" }),
      element(
        "p",
        {},
        !answered
          ? "Nothing was answered yet. "
          : weak.length
            ? `Weak: ${weak.join(", ")}. `
            : "Nothing of what you answered. ",
        answered ? button("Chapters and outcomes", weakness) : "",
      ),
    );
  }

  function weakness() {
    const kept = read().questions,
      { byChapter, byOutcome } = tally(kept);
    const cells = (sum) => [
      `${sum.answered} of ${sum.all}`,
      sum.answered ? percent(sum.points, sum.lines) + (isWeak(sum) ? ", weak" : "") : "-",
    ];
    const head = ["Answered", "Points"];
    const worst = book.questions
      .map((q) => q.id)
      .filter((id) => kept[id] && isBad(kept[id].said))
      .sort((a, b) => points(kept[a].said) - points(kept[b].said));
    show(
      "What is weak",
      element("p", {
        textContent: `Shares of the rubrics' points in your last answers; below ${100 * WEAK} % is weak.`,
      }),
      table(
        ["Chapter", ...head],
        [...byChapter].map(([id, sum]) => [
          element("a", { href: chapters.get(id).href, textContent: chapters.get(id).title }),
          ...cells(sum),
        ]),
      ),
      table(
        ["Learning outcome", ...head],
        [...byOutcome]
          .filter(([, sum]) => sum.all)
          .map(([name, sum]) => [`${name}: ${book.outcomes[name]}`, ...cells(sum)]),
      ),
      readAgain(worst),
      button("Back", () => trainer.home()),
    );
  }

  /* Of each question the place, what proves its answer, and the sections that practise the same outcomes. */
  function readAgain(ids) {
    if (!ids.length) return "";
    const items = ids.slice(0, AGAIN).map((id) => {
      const question = questions.get(id),
        chapter = chapters.get(question.chapter);
      const proof = element("div");
      load(question.chapter).then(
        (texts) => {
          proof.innerHTML = texts[id].proof;
        },
        () => {},
      );
      const sections = chapter.sections.filter((section) =>
        section.outcomes.some((name) => question.outcomes.includes(name)),
      );
      return element(
        "li",
        {},
        element("a", {
          href: question.href,
          textContent: `${chapter.title}: ${book.kinds[question.kind]}`,
        }),
        proof,
        sections.length
          ? element(
              "details",
              {},
              element("summary", {
                textContent: `Sections that practise ${question.outcomes.join(", ")}`,
              }),
              element(
                "ul",
                {},
                ...sections.map((section) =>
                  element(
                    "li",
                    {},
                    element("a", { href: section.href, textContent: section.title }),
                    section.further ? ", further" : "",
                  ),
                ),
              ),
            )
          : "",
      );
    });
    return element(
      "div",
      { className: "trainer-again" },
      element("h3", { textContent: "To read again" }),
      element("ul", {}, ...items),
      ids.length > AGAIN
        ? element("p", { textContent: `These first; ${ids.length - AGAIN} more after them.` })
        : "",
    );
  }

  /* An examination that is open in two tabs is one: what is answered in one of them is seen in the other. */
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY || !state) return;
    state = restore();
    if (state) ask();
    else trainer.home();
  });

  Object.assign(trainer, { plan, grade, tally, drawn });
  trainer.parts.push(examinationPart, weakPart);
  trainer.begin = () => {
    state = restore();
    if (state) ask();
    else trainer.home();
  };
})();
