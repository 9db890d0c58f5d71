/* The oral trainer: answer aloud, reveal, grade yourself by the rubric. Progress stays in this browser. */

(() => {
"use strict";
const book = window.dlaOral, KEY = "dla-oral", FORMAT = "dla-book oral progress", VERSION = 1;
const root = document.getElementById("trainer");
if (!book || !root) return;

/* ---- questions: the index is here, their text is loaded chapter by chapter */
const questions = new Map(book.questions.map(question => [question.id, question]));
const chapters = new Map(book.chapters.map(chapter => [chapter.id, chapter]));
const bank = new Map();
window.dlaOralBank = (chapter, content) => bank.set(chapter, content);

function load(chapter) {
  if (bank.has(chapter)) return Promise.resolve(bank.get(chapter));
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = chapters.get(chapter).bank;
    script.onload = () => done(bank.get(chapter));
    script.onerror = () => { script.remove(); failed(new Error(`${script.src} could not be loaded`)); };
    document.head.append(script);
  });
}

/* ---- progress: one record per question; records of unknown questions are kept as they are */
const memory = { format: FORMAT, version: VERSION, questions: {} };
let storageWorks = true;

function read() {
  try {
    const text = localStorage.getItem(KEY);
    return text ? JSON.parse(text) : memory;
  } catch (error) { storageWorks = false; return memory; }
}

function record(id, said, rating, now = new Date()) {
  const progress = read(), before = progress.questions[id];
  const card = before ? before.card : FSRS.createEmptyCard(now);
  const next = scheduler.next(card, now, rating).card;
  progress.questions[id] = { card: next, said, rating, time: now.toISOString() };
  memory.questions[id] = progress.questions[id];
  try { localStorage.setItem(KEY, JSON.stringify(progress)); }
  catch (error) { storageWorks = false; }
}

/* ---- rules */
const scheduler = FSRS.fsrs({ enable_fuzz: false, learning_steps: ["10m"], relearning_steps: ["10m"] });
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
    if (name in made) made[name] = value; else made.setAttribute(name, value);
  made.append(...children);
  return made;
}
const html = (className, content) => element("div", { className, innerHTML: content });
const button = (text, onclick) => element("button", { type: "button", className: "trainer-button", textContent: text, onclick });

function show(title, ...content) {
  const heading = element("h2", { tabIndex: -1, textContent: title });
  root.replaceChildren(heading, ...content);
  if (show.started) heading.focus();
  show.started = true;
}

function home() {
  const choice = element("select", { id: "trainer-chapter" });
  for (const chapter of book.chapters) choice.append(new Option(chapter.title, chapter.id));
  show("Train one chapter",
    element("p", {}, element("label", { htmlFor: choice.id, textContent: "Chapter " }), choice, " ",
      button("Start", () => train(book.questions.filter(q => q.chapter === choice.value).map(q => q.id)))));
}

async function train(ids, place = 0) {
  if (place >= ids.length) return finished(ids);
  const question = questions.get(ids[place]), chapter = chapters.get(question.chapter);
  let text;
  try { text = (await load(question.chapter))[question.id]; }
  catch (error) {
    show("This question could not be loaded", element("p", {}, `${error.message}. `,
      element("a", { href: question.href, textContent: "Read it in its chapter" }), "."), button("Back", home));
    return;
  }
  const reveal = button("Show the model answer", () => reveal.replaceWith(marking(question, text, (said, rating) => {
    record(question.id, said, rating);
    train(ids, place + 1);
  })));
  show(`${place + 1} of ${ids.length}: ${book.kinds[question.kind]}`,
    element("p", { className: "oral-details" }, `${chapter.title}, ${question.outcomes.join(", ")}`),
    html("trainer-prompt", text.prompt), reveal, button("Back", home));
}

function marking(question, text, done) {
  const form = element("form", { className: "trainer-marking" });
  const boxes = text.rubric.map(() => element("input", { type: "checkbox" }));
  const lines = element("fieldset", {}, element("legend", { textContent: "What did you say?" }));
  text.rubric.forEach((line, k) => lines.append(element("label", {}, boxes[k], html("trainer-line", line))));
  const ratings = element("fieldset", {}, element("legend", { textContent: "How well did you know it?" }));
  const radios = RATINGS.map((name, k) => element("input", { type: "radio", name: "rating", value: k + 1 }));
  radios.forEach((radio, k) => ratings.append(element("label", {}, radio, ` ${RATINGS[k]}`)));
  const said = () => boxes.map(box => box.checked);
  let chosen = false;
  const suggest = () => { if (!chosen) radios[suggestedRating(said()) - 1].checked = true; };
  ratings.onchange = () => { chosen = true; };
  lines.onchange = suggest;
  suggest();
  form.append(html("trainer-model", text.model), html("trainer-proof", text.proof), lines, ratings,
    element("button", { type: "submit", className: "trainer-button", textContent: "Keep and go on" }));
  form.onsubmit = event => {
    event.preventDefault();
    done(said(), Number(radios.find(radio => radio.checked).value));
  };
  return form;
}

function finished(ids) {
  const kept = read().questions;
  show("Done", element("ul", {}, ...ids.map(id => element("li", {},
    element("a", { href: questions.get(id).href, textContent: book.kinds[questions.get(id).kind] }),
    `: ${kept[id].said.filter(Boolean).length} of ${kept[id].said.length} lines, due ${new Date(kept[id].card.due).toLocaleDateString()}`))),
    storageWorks ? "" : element("p", { role: "status", textContent: "This browser refuses to store progress: it is lost when the page closes." }),
    button("Back", home));
}

window.dlaTrainer = { suggestedRating, record, read };
home();
})();
