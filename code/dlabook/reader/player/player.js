/* Playing the versions of a sound on one time line (markup: player.py).
 *
 * Every version is decoded to samples of equal length. A switch starts the new
 * one at the sample that the old one would have played, on the clock of the
 * sound card, and blends over 10 ms. Sounds are loaded when a player is first
 * used. A page read from file://, or in a sandboxed frame, may not fetch; there the
 * sound comes as a script. Without Web Audio the browser's own controls serve. */

"use strict";

(() => {
  const BLEND = 0.01; // s
  const AHEAD = 0.02; // s; a start is scheduled, never late
  const SHORTEST = 0.05; // s, of a region
  const PATIENCE = 4000; // ms until a browser whose sound does not begin is said to have none
  const SILENCE = `data:audio/wav;base64,UklGRsQPAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YaAPAACA${"gICA".repeat(1333)}`; // half a second
  const players = [];
  const waiting = {};
  let context = null;
  let silent = null; // an audio element that plays silence

  window.bookSound = (name, encoded) =>
    waiting[name](Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0)).buffer);

  const bytes = (address) =>
    self.origin === "null" // file:, or a frame without allow-same-origin
      ? new Promise((done, fail) => {
          const name = address.match(/([0-9a-f]+)\.mp3$/)[1];
          const script = document.createElement("script");
          waiting[name] = done;
          script.src = address.replace(/_sounds\/([0-9a-f]+)\.mp3$/, "_sound_scripts/$1.js");
          script.onerror = () => fail(new Error(`no sound at ${script.src}`));
          document.head.append(script);
        })
      : fetch(address).then((answer) => {
          if (!answer.ok) throw new Error(`no sound at ${address}: ${answer.status}`);
          return answer.arrayBuffer();
        });

  /* A browser without a device for sound never begins, and does not say so. */
  const awake = () =>
    Promise.race([
      context.resume(),
      new Promise((_, fail) =>
        setTimeout(
          () =>
            fail(
              new Error(
                "this browser does not begin to give sound; is a device for sound connected?",
              ),
            ),
          PATIENCE,
        ),
      ),
    ]);

  /* A phone's mute switch silences Web Audio, not what plays. Safari 16.4 and newer can be asked to count it as such;
     before, it does as long as an audio element plays: silence, again and again. */
  function unmute() {
    if (navigator.audioSession) navigator.audioSession.type = "playback";
    else if (/^Apple/.test(navigator.vendor)) {
      silent ??= Object.assign(new Audio(SILENCE), { loop: true });
      silent.play().catch(() => {}); // the sound plays all the same, if the switch lets it
    }
  }

  class Player {
    constructor(root) {
      this.root = root;
      this.seconds = Number(root.dataset.seconds);
      this.step = Number(root.dataset.step);
      this.inputs = [...root.querySelectorAll(".clip > input")];
      this.addresses = [...root.querySelectorAll(".clip > audio")].map((audio) => audio.src);
      this.buffers = [];
      this.chosen = Math.max(
        0,
        this.inputs.findIndex((input) => input.checked),
      );
      this.place = 0; // s, while nothing plays
      this.region = null; // [from, to] in s
      this.loop = false;
      this.voice = null; // what sounds: {source, gain, version}
      this.playButton = root.querySelector(".clips-play");
      this.loopButton = root.querySelector(".clips-loop");
      this.unmarkButton = root.querySelector(".clips-unmark");
      this.time = root.querySelector(".clips-time");
      this.said = root.querySelector(".clips-said");
      this.makeSheet();
      this.listen();
      this.show();
      if (typeof AudioContext === "undefined") this.useNative();
    }

    /** Each version gets the browser's controls, as on a page without scripts. */
    useNative() {
      this.native = true;
      this.root.classList.add("clips-native");
      this.sheet.closest("li").remove();
      const note = document.createElement("p");
      note.className = "clips-note";
      note.textContent =
        "This browser gives pages no Web Audio: each version has its own controls, and begins where it was stopped.";
      this.root.prepend(note);
    }

    makeSheet() {
      this.sheet = document.createElement("div");
      this.sheet.className = "clips-sheet";
      this.sheet.innerHTML =
        '<div class="clips-region" hidden></div><div class="clips-cursor"></div>' +
        '<div class="clips-touch"></div>';
      [this.mark, this.cursor] = this.sheet.children;
      for (const [name, value] of Object.entries({
        role: "slider",
        tabindex: 0,
        "aria-label": "Position",
        "aria-valuemin": 0,
        "aria-valuemax": this.seconds,
      }))
        this.sheet.setAttribute(name, value);
      this.root.querySelector(".clips-axes").before(this.sheetItem());
    }

    sheetItem() {
      const item = document.createElement("li");
      item.className = "clips-sheet-item";
      item.append(this.sheet);
      return item;
    }

    listen() {
      this.playButton.addEventListener("click", () => this.toggle());
      this.loopButton.addEventListener("click", () => this.setLoop(!this.loop));
      this.unmarkButton.addEventListener("click", () => {
        this.unmark();
        this.sheet.focus({ preventScroll: true });
      });
      for (const [k, input] of this.inputs.entries())
        input.addEventListener("change", () => this.choose(k));
      this.root.addEventListener("keydown", (event) => this.key(event));
      let from = null;
      const at = (event) => {
        const box = this.sheet.getBoundingClientRect();
        return this.inside(((event.clientX - box.left) / box.width) * this.seconds);
      };
      this.sheet.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        from = at(event);
        this.sheet.setPointerCapture(event.pointerId);
        this.sheet.focus({ preventScroll: true });
      });
      this.sheet.addEventListener("pointermove", (event) => {
        const far = (6 / this.sheet.clientWidth) * this.seconds;
        if (from !== null && Math.abs(at(event) - from) > far)
          this.setRegion([Math.min(from, at(event)), Math.max(from, at(event))], false);
      });
      this.sheet.addEventListener("pointerup", (event) => {
        if (from === null) return;
        const far = (6 / this.sheet.clientWidth) * this.seconds;
        if (Math.abs(at(event) - from) > far) {
          this.setRegion([Math.min(from, at(event)), Math.max(from, at(event))]);
          this.setLoop(true);
          this.seek(this.region[0]);
        } else {
          if (this.region && (from < this.region[0] || from > this.region[1])) this.unmark();
          this.seek(from);
        }
        from = null;
      });
      this.sheet.addEventListener("pointercancel", () => {
        from = null;
      });
    }

    key(event) {
      if (this.native || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.target.closest("audio, summary")) return;
      const arrow = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const digit = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : -1;
      if (event.key === " ") {
        if (event.target.closest("button")) return;
        this.toggle();
      } else if (arrow && event.shiftKey) this.extend(arrow * this.step);
      else if (arrow) this.seek(this.now() + arrow * this.step);
      else if (event.key === "Home") this.seek(0);
      else if (event.key === "End") this.seek(this.seconds);
      else if (event.key.toLowerCase() === "l") this.setLoop(!this.loop);
      else if (event.key === "Escape" && this.region) this.unmark();
      else if (digit >= 0 && digit < this.inputs.length) this.choose(digit);
      else return;
      event.preventDefault();
    }

    inside(place) {
      return Math.min(this.seconds, Math.max(0, place));
    }

    bounds() {
      return this.loop ? this.region || [0, this.seconds] : null;
    }

    /** Place in s at a time of the context's clock. */
    placeAt(time) {
      if (!this.voice) return this.place;
      const { since, place, bounds } = this.voice;
      const reached = place + Math.max(0, time - since);
      if (!bounds || reached < bounds[1]) return Math.min(reached, this.seconds);
      return bounds[0] + ((reached - bounds[0]) % (bounds[1] - bounds[0]));
    }

    now() {
      return this.placeAt(context ? context.currentTime : 0);
    }

    /** The samples of a version, silent after its end up to the end of the time line. */
    load(version) {
      this.buffers[version] ??= bytes(this.addresses[version])
        .catch((error) => {
          delete this.buffers[version];
          throw error;
        }) // the next use tries again
        .then((data) => context.decodeAudioData(data))
        .then((sound) => {
          const length = Math.round(this.seconds * sound.sampleRate);
          const buffer = context.createBuffer(1, length, sound.sampleRate);
          buffer.copyToChannel(sound.getChannelData(0).subarray(0, length), 0);
          return buffer;
        });
      return this.buffers[version];
    }

    async toggle() {
      return this.voice || this.wanted ? this.pause() : this.play();
    }

    async play() {
      try {
        unmute();
        context ??= new AudioContext();
      } catch {
        silent?.pause();
        for (const player of players) player.useNative();
        return this.root.querySelectorAll("audio")[this.chosen].play();
      }
      this.wanted = true;
      this.playButton.textContent = "Pause";
      for (const other of players) if (other !== this) other.pause();
      for (const audio of document.querySelectorAll("audio")) audio.pause();
      document.dispatchEvent(new Event("booksound")); // to what plays outside the players
      for (const picture of this.root.querySelectorAll("img")) picture.loading = "eager";
      try {
        await Promise.all([awake(), this.load(this.chosen)]);
        if (!this.wanted || this.voice) return;
        const bounds = this.bounds();
        if (bounds && (this.place < bounds[0] || this.place >= bounds[1])) this.place = bounds[0];
        else if (this.place >= this.seconds - 0.001) this.place = 0;
        await this.start(this.place);
        for (const version of this.inputs.keys()) this.load(version).catch(() => {});
      } catch (error) {
        this.fail(error);
      }
    }

    fail(error) {
      this.pause();
      cancelAnimationFrame(this.frame); // it would write the time again
      this.said.textContent =
        this.time.textContent = `This sound cannot be played: ${error.message}`;
    }

    /** Begin the chosen version at a place, or where the present voice will be. */
    async start(place = null) {
      const version = this.chosen;
      const buffer = await this.load(version);
      if (!this.wanted || version !== this.chosen) return;
      const since = context.currentTime + AHEAD;
      const from = place ?? this.placeAt(since);
      const source = new AudioBufferSourceNode(context, { buffer });
      const gain = new GainNode(context, { gain: 0 });
      const bounds = this.bounds();
      if (bounds) [source.loop, source.loopStart, source.loopEnd] = [true, ...bounds];
      gain.gain.setValueAtTime(0, since);
      gain.gain.linearRampToValueAtTime(1, since + BLEND);
      source.connect(gain).connect(context.destination);
      source.start(since, from);
      this.silence(since);
      const voice = { source, gain, version, since, place: from, bounds };
      this.voice = voice;
      source.onended = () => {
        if (this.voice !== voice) return;
        this.pause();
        this.place = 0;
        this.show();
      };
      this.draw();
    }

    silence(time) {
      if (!this.voice) return;
      const { source, gain } = this.voice;
      gain.gain.cancelScheduledValues(time);
      gain.gain.setValueAtTime(1, time);
      gain.gain.linearRampToValueAtTime(0, time + BLEND);
      source.stop(time + BLEND);
      this.voice = null;
    }

    pause() {
      this.place = this.now();
      this.wanted = false;
      if (context) this.silence(context.currentTime);
      if (!players.some((player) => player.wanted)) silent?.pause();
      this.playButton.textContent = "Play";
      this.show();
    }

    seek(place) {
      const [from, to] = this.bounds() ?? [0, this.seconds];
      this.place = Math.min(Math.max(place, from), this.loop && this.region ? to - 0.001 : to);
      if (this.voice) this.start(this.place);
      this.show();
    }

    choose(version) {
      if (version === this.chosen) return;
      this.chosen = version;
      this.inputs[version].checked = true;
      if (this.voice) this.start().catch((error) => this.fail(error));
      const item = this.inputs[version].closest(".clip");
      const label = item.querySelector(".clip-label").textContent;
      this.said.textContent = `${version + 1}, ${label}: ${item.querySelector(".clip-said").textContent}`;
    }

    setRegion(region, restart = true) {
      if (region) {
        const from = Math.min(region[0], this.seconds - SHORTEST);
        region = [from, this.inside(Math.max(region[1], from + SHORTEST))];
      }
      this.region = region;
      this.mark.hidden = this.unmarkButton.hidden = !region;
      if (region) {
        this.mark.style.left = `${(100 * region[0]) / this.seconds}%`;
        this.mark.style.width = `${(100 * (region[1] - region[0])) / this.seconds}%`;
      }
      if (restart && this.voice && this.loop) this.start();
    }

    /** Without the mark, and not looping. */
    unmark() {
      this.setLoop(false);
      this.setRegion(null);
      this.said.textContent = "mark removed";
    }

    extend(by) {
      const from = this.region ? this.region[0] : this.now();
      const to = this.region ? this.region[1] : from;
      this.setRegion([from, to + by]);
      this.said.textContent = `marked from ${this.region[0].toFixed(2)} to ${this.region[1].toFixed(2)} s`;
    }

    setLoop(loop) {
      this.loop = loop;
      this.loopButton.setAttribute("aria-pressed", loop);
      this.said.textContent = !loop
        ? "no loop"
        : this.region
          ? "loops the mark"
          : "loops everything";
      if (!this.voice) return;
      const bounds = this.bounds(),
        now = this.now();
      this.start(bounds && (now < bounds[0] || now >= bounds[1]) ? bounds[0] : null);
    }

    show() {
      const heard = context ? context.currentTime - (context.outputLatency || 0) : 0;
      const place = this.placeAt(heard);
      this.cursor.style.left = `${(100 * place) / this.seconds}%`;
      this.time.textContent = `${place.toFixed(2)} / ${this.seconds.toFixed(2)} s`;
      if (!this.voice || Math.abs(place - (this.told ?? -1)) > 0.5) {
        this.told = place;
        this.sheet.setAttribute("aria-valuenow", place.toFixed(2));
        this.sheet.setAttribute(
          "aria-valuetext",
          `${place.toFixed(2)} of ${this.seconds.toFixed(2)} seconds`,
        );
      }
    }

    draw() {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => {
        this.show();
        if (this.voice) this.draw();
      });
    }
  }

  for (const root of document.querySelectorAll(".clips")) {
    const player = new Player(root);
    players.push(player);
    root.player = player;
  }
  document.addEventListener(
    "play",
    () => {
      for (const player of players) player.pause();
    },
    true,
  );
})();
