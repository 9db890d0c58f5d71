/* In place of Sphinx's script of this name, which marks "si" in music: whole words, in the article only. Escape or the button
   takes the marks away; a result that is followed says what to mark. */

(() => {
  "use strict";
  const KEY = "sphinx_highlight_terms";
  const WORD = /[\p{L}\p{N}_]+(?:[-'’][\p{L}\p{N}_]+)*/gu,
    PART = /[\p{L}\p{N}_]+/gu;
  const LEFT_OUT =
    ".katex, .headerlink, script, style, svg, button, select, textarea, audio, .clips, .highlighted";
  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

  function wanted() {
    const asked = new URL(location).searchParams.get("highlight");
    const kept = localStorage.getItem(KEY);
    localStorage.removeItem(KEY);
    return new Set(
      fold(kept || asked || "")
        .split(/\s+/)
        .filter((word) => word && !/^\d+$/.test(word)),
    );
  }

  /* Where in a text the words stand: a compound that was sought as a whole, else its parts. */
  function* places(text, words) {
    for (const { 0: word, index } of text.matchAll(WORD))
      if (words.has(fold(word).replace("’", "'"))) yield [index, index + word.length];
      else if (/[-'’]/.test(word))
        for (const part of word.matchAll(PART))
          if (words.has(fold(part[0])))
            yield [index + part.index, index + part.index + part[0].length];
  }

  function mark(article, words) {
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest(LEFT_OUT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    );
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts)
      for (const [from, to] of [...places(text.data, words)].reverse()) {
        const found = text.splitText(from);
        found.splitText(to - from);
        const span = document.createElement("span");
        span.className = "highlighted";
        found.replaceWith(span);
        span.append(found);
      }
  }

  function unmark() {
    for (const span of document.querySelectorAll(".highlighted")) {
      const { parentNode } = span;
      span.replaceWith(...span.childNodes);
      parentNode.normalize();
    }
    document.querySelector(".marks-hide")?.remove();
  }

  function offerToHide() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm fold-switch marks-hide";
    button.textContent = "Hide marks";
    button.onclick = unmark;
    document.querySelector(".article-header-buttons")?.prepend(button);
  }

  addEventListener("DOMContentLoaded", () => {
    const words = wanted();
    const article =
      document.querySelector(".bd-article") ?? document.querySelector("[role=main], main");
    if (!words.size || !article) return;
    mark(article, words);
    if (!document.querySelector(".highlighted")) return;
    offerToHide();
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) unmark();
    });
  });
})();
