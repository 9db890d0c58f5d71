/* A listening test: which of A and B is X? (markup: listening.py; its numbers: dla.protocol.abx)
 *
 * What is drawn and answered lives in the variables below: no element has it, no storage, and no
 * request. The sounds are audio elements outside the document, so that they play from file://, without
 * Web Audio, and nothing in the document says which of them sounds. */

"use strict";

(() => {
  const LEVEL = 0.05; // of a test
  const LISTENERS = [0.7, 0.9]; // right in so many trials: whom a test would find
  const HALVINGS = 60;
  const PATIENCE = 5000; // ms until a test begins though a sound is not yet there
  const FORMAT = "dla-book listening test";
  const VERSION = 1;

  /* ---- the same terms in the same order as in dla.protocol.abx */
  function sumFromAbove(k, n, p) {
    let term = p ** n;
    let total = 0;
    for (let j = n; j >= k; j--) {
      total += term;
      term *= (j * (1 - p)) / ((n - j + 1) * p);
    }
    return Math.min(1, total);
  }

  /** Probability of k successes or more of n. */
  function tail(k, n, p) {
    if (k === 0) return 1;
    return p < 0.5 ? 1 - sumFromAbove(n - k + 1, n, 1 - p) : sumFromAbove(k, n, p);
  }

  /** The least number of right answers that guessing reaches with at most the level. */
  function critical(n, level = LEVEL) {
    let k = 0;
    while (k <= n && tail(k, n, 0.5) > level) k++;
    return k;
  }

  const power = (n, p, level = LEVEL) => tail(critical(n, level), n, p);

  function lowEnd(k, n, beyond) {
    if (k === 0) return 0;
    let [low, high] = [0, 1];
    for (let halving = 0; halving < HALVINGS; halving++) {
      const middle = (low + high) / 2;
      if (tail(k, n, middle) < beyond) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Clopper and Pearson's interval of a proportion. */
  function interval(k, n, level = 0.95) {
    const beyond = (1 - level) / 2;
    return [lowEnd(k, n, beyond), 1 - lowEnd(n - k, n, beyond)];
  }

  /* ---- what a test plays */
  /** Numbers from 0 to 1 drawn from a seed of 32 bits (mulberry32). */
  function generator(seed) {
    let state = seed | 0;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let bits = Math.imul(state ^ (state >>> 15), state | 1);
      bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
      return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** Of each trial its pair, whether the pair's second sound is A, and whether X is A. Every pair comes equally
      often; X is drawn for itself, so that no count of earlier trials helps who guesses. */
  function plan(seed, trials, pairs) {
    const draw = generator(seed);
    const order = Array.from({ length: trials }, (_, k) => k % pairs);
    for (let k = trials - 1; k > 0; k--) {
      const other = Math.floor(draw() * (k + 1));
      [order[k], order[other]] = [order[other], order[k]];
    }
    return order.map((pair) => ({ pair, swapped: draw() < 0.5, xIsA: draw() < 0.5 }));
  }

  window.bookListening = { tail, critical, power, interval, plan };

  /* ---- words */
  const percent = (share) => `${Math.round(100 * share)} %`;
  const probability = (p) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);

  function design(n) {
    const needed = critical(n);
    const found = LISTENERS.map((p) => `${percent(p)} of the trials: ${power(n, p).toFixed(2)}`);
    return (
      `At the level ${LEVEL}, ${needed} of ${n} right are needed: guessing gets there with ` +
      `${probability(tail(needed, n, 0.5))}. The power of the test, for a listener who is right in ` +
      `${found.join("; in ")}.`
    );
  }

  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : `${text}`);
  const COLUMNS = ["trial", "pair", "A", "B", "X", "answer", "right"];
  const table = (answers) =>
    [COLUMNS, ...answers.map((answer) => COLUMNS.map((name) => answer[name]))]
      .map((row) => `${row.map(quoted).join(",")}\n`)
      .join("");

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  let silence = () => {}; // ends what a test of this page plays
  let taken = 0; // tests finished on this page
  let passedNone = 1; // the probability that guessing passed none of them

  function prepare(root) {
    const trials = Number(root.dataset.trials);
    const pairs = JSON.parse(root.dataset.pairs);
    const names = JSON.parse(root.dataset.names);
    const find = (selector) => root.querySelector(selector);
    const all = (selector) => [...root.querySelectorAll(selector)];
    const labels = all(".clip-label").map((label) => label.textContent);
    const sounds = all(".clip > audio").map((audio) =>
      Object.assign(new Audio(), { preload: "none", src: audio.src }),
    );
    const [start, trial, result, said, seed] = [
      ".abx-start",
      ".abx-trial",
      ".abx-result",
      ".abx-said",
      "input",
    ].map(find);
    const playButtons = all("[data-play]");
    let planned = [];
    let answers = [];
    let heard = false; // whether X was, in this trial
    let playing = "";
    let outcome = null; // what can be saved
    find(".abx-power").textContent = design(trials);

    const say = (text) => {
      said.textContent = text;
    };
    const where = () => `Trial ${answers.length + 1} of ${trials}.`;
    const runs = () => !trial.hidden;

    /* One of the three parts of the box is seen, or none. */
    function show(part) {
      for (const other of [start, trial, result]) other.hidden = other !== part;
      root.classList.toggle("abx-runs", part === trial);
    }

    /* The rows of A, B and X in this trial. */
    function rows() {
      const { pair, swapped, xIsA } = planned[answers.length];
      const [a, b] = swapped ? [...pairs[pair]].reverse() : pairs[pair];
      return { A: a, B: b, X: xIsA ? a : b };
    }

    function stop() {
      for (const sound of sounds) sound.pause();
      playing = "";
      for (const button of playButtons) button.setAttribute("aria-pressed", "false");
    }

    async function play(name) {
      const again = playing === name;
      silence();
      if (again) return;
      for (const clips of document.querySelectorAll(".clips")) clips.player?.pause();
      for (const audio of document.querySelectorAll("audio")) audio.pause();
      silence = stop;
      playing = name;
      playButtons
        .find((button) => button.dataset.play === name)
        .setAttribute("aria-pressed", "true");
      const sound = sounds[rows()[name]];
      const now = answers.length;
      sound.currentTime = 0;
      try {
        await sound.play();
        if (name === "X" && now === answers.length) heard = true;
      } catch (error) {
        if (error.name === "AbortError") return; // stopped before it began
        stop();
        say(`${where()} This sound cannot be played: ${error.message}`);
      }
    }

    /* All sounds that a test plays, loaded: none begins later than another. */
    function load() {
      const ready = pairs.flat().map(
        (row) =>
          new Promise((done) => {
            const sound = sounds[row];
            if (sound.readyState === HTMLMediaElement.HAVE_ENOUGH_DATA) return done();
            for (const event of ["canplaythrough", "error"])
              sound.addEventListener(event, done, { once: true });
            sound.preload = "auto";
            sound.load();
          }),
      );
      return Promise.race([
        Promise.all(ready),
        new Promise((done) => setTimeout(done, PATIENCE)), // a phone that saves data loads when it plays
      ]);
    }

    async function begin() {
      if (!seed.reportValidity()) return;
      for (const clips of document.querySelectorAll(".clips")) clips.player?.pause();
      silence();
      planned = plan(Number(seed.value), trials, pairs.length);
      answers = [];
      heard = false;
      say("Loading the sounds.");
      find(".abx-begin").disabled = true;
      await load();
      find(".abx-begin").disabled = false;
      show(trial);
      say(where());
      playButtons[0].focus();
    }

    function answer(name) {
      if (!heard) return say(`${where()} Listen to X first.`);
      const row = rows();
      answers.push({
        trial: answers.length + 1,
        pair: names[planned[answers.length].pair],
        A: labels[row.A],
        B: labels[row.B],
        X: labels[row.X],
        answer: labels[row[name]],
        right: row[name] === row.X,
      });
      silence();
      heard = false;
      if (answers.length < trials) return say(where());
      finish();
    }

    function finish() {
      const right = answers.filter((one) => one.right).length;
      const [p, needed] = [tail(right, trials, 0.5), critical(trials)];
      const [low, high] = interval(right, trials);
      taken += 1;
      passedNone *= 1 - tail(needed, trials, 0.5);
      outcome = {
        format: FORMAT,
        version: VERSION,
        page: document.title,
        finished: new Date().toISOString(),
        seed: Number(seed.value),
        trials,
        right,
        p_value: p,
        interval_95: [low, high],
        level: LEVEL,
        needed,
        power: Object.fromEntries(LISTENERS.map((share) => [share, power(trials, share)])),
        tests_on_this_page: taken,
        answers,
      };
      const verdict =
        right >= needed
          ? `${needed} were needed: guessing is rejected at the level ${LEVEL}.`
          : `${needed} were needed: the test found no difference. That does not show that there is none: see its power above.`;
      const looks =
        taken === 1
          ? `One look, decided on beforehand: who tests again until a test passes, or stops when the count is good, passes by guessing too. One of five such tests does with probability ${percent(1 - (1 - tail(needed, trials, 0.5)) ** 5)}.`
          : `This was test ${taken} on this page. By guessing alone, at least one of ${taken} passes with probability ${percent(1 - passedNone)}: tell all of them, not the best.`;
      find(".abx-told").replaceChildren(
        element("p", {
          textContent:
            `${right} right or more of ${trials} come by guessing with ${probability(p)} (exact, one-sided). ` +
            `Share of right answers ${(right / trials).toFixed(2)}, 95 % interval ` +
            `${low.toFixed(2)} to ${high.toFixed(2)} (Clopper and Pearson). ${verdict}`,
        }),
        ...(names.length > 1 ? [perPair()] : []),
        element("p", { textContent: looks }),
      );
      find("pre").textContent = table(answers);
      show(result);
      say(`${right} of ${trials} right, ${probability(p)}.`);
      result.focus();
    }

    function perPair() {
      const head = ["Pair", "Right"].map((textContent) => element("th", { textContent }));
      const body = names.map((name) => {
        const own = answers.filter((one) => one.pair === name);
        const count = `${own.filter((one) => one.right).length} of ${own.length}`;
        return element(
          "tr",
          {},
          element("td", { textContent: name }),
          element("td", { textContent: count }),
        );
      });
      return element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...head)),
        element("tbody", {}, ...body),
      );
    }

    function save(kind) {
      const [text, type] =
        kind === "csv"
          ? [table(answers), "text/csv"]
          : [JSON.stringify(outcome, null, 1), "application/json"];
      const link = element("a", {
        download: `listening-test-seed-${outcome.seed}.${kind}`,
        href: URL.createObjectURL(new Blob([text], { type })),
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    async function copy() {
      try {
        await navigator.clipboard.writeText(JSON.stringify(outcome, null, 1));
        say("Copied.");
      } catch {
        find("details").open = true; // a page without a clipboard: to be copied by hand
        getSelection().selectAllChildren(find("pre"));
        say("This browser copies nothing for a page: your answers are marked below.");
      }
    }

    /* Back to the beginning; the focus goes where the next step is. */
    function leave(text) {
      silence();
      show(start);
      say(text);
      find(".abx-begin").focus();
    }

    find(".abx-begin").addEventListener("click", begin);
    for (const button of playButtons)
      button.addEventListener("click", () => play(button.dataset.play));
    for (const button of all("[data-answer]"))
      button.addEventListener("click", () => answer(button.dataset.answer));
    for (const button of all("[data-save]"))
      button.addEventListener("click", () => save(button.dataset.save));
    find(".abx-copy").addEventListener("click", copy);
    find(".abx-stop").addEventListener("click", () =>
      leave("Stopped. A test that was not finished has no result."),
    );
    find(".abx-again").addEventListener("click", () => {
      seed.value = (outcome.seed + 1) % 2 ** 32; // the same seed would repeat what was just told
      leave("");
    });
    for (const sound of sounds) sound.addEventListener("ended", stop);
    root.addEventListener("keydown", (event) => {
      if (!runs() || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      const key = event.key.toUpperCase();
      if (["A", "B", "X"].includes(key)) play(key);
      else if (key === "1" || key === "2") answer(key === "1" ? "A" : "B");
      else return;
      event.preventDefault();
    });
  }

  for (const event of ["booksound", "play"])
    document.addEventListener(event, () => silence(), true); // a player of the page begins
  for (const root of document.querySelectorAll(".abx")) prepare(root);
})();
