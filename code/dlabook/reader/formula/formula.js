/* What is copied has its formulas as TeX in plain text and as MathML in HTML, each whole: a selection that begins or
   ends inside one takes it all. KaTeX's own copy-tex needs the TeX source beside each formula, which the pages do not
   carry; here it is spelled out of the MathML. */

(() => {
  const STYLES = {
    bold: "\\mathbf",
    "bold-italic": "\\boldsymbol",
    "double-struck": "\\mathbb",
    script: "\\mathcal",
    fraktur: "\\mathfrak",
    "sans-serif": "\\mathsf",
    monospace: "\\mathtt",
  };
  const ACCENTS = new Map(
    Object.entries({
      "^": "hat",
      ˆ: "hat",
      "~": "tilde",
      "˜": "tilde",
      "¯": "bar",
      ˉ: "bar",
      "‾": "overline",
      "→": "vec",
      "⃗": "vec",
      "˙": "dot",
      "¨": "ddot",
      "⏞": "overbrace",
      "⏟": "underbrace",
    }),
  );
  const INVISIBLE = /[\u200b\u2061-\u2064]/g; // signs that say how a formula is read
  const RELATION = /^[=<>≤≥≪≫≈≡≠∼∝∈∉⊂⊆→←↦⇒⇔+±]$|^:=$/;

  const braced = (text) => `{${text}}`;

  function letters(node, text) {
    const style = STYLES[node.getAttribute("mathvariant")];
    if (style) return style + braced(text);
    if (text.length < 2 || !/^\p{L}+$/u.test(text)) return text;
    const isFunction = node.nextElementSibling?.textContent.includes("\u2061");
    return `\\${isFunction ? "operatorname" : "mathrm"}${braced(text)}`;
  }

  function sign(text) {
    if (text === "−") return " - ";
    if (RELATION.test(text)) return ` ${text} `;
    if (/^[{}%#&$]$/.test(text)) return `\\${text}`;
    return /^\p{L}{2,}$/u.test(text) ? `\\operatorname${braced(text)}` : text;
  }

  function accented(node, base, mark) {
    const accent = ACCENTS.get(node.children[1].textContent);
    return accent ? `\\${accent}${braced(base)}` : mark;
  }

  /* TeX of a MathML element. */
  function tex(node) {
    const parts = [...node.children].map(tex);
    const [a, b, c] = parts;
    const text = node.textContent.replace(INVISIBLE, "").replace(/\u00a0/g, " ");
    switch (node.localName) {
      case "mi":
        return letters(node, text);
      case "mn":
        return text;
      case "mo":
        return sign(text);
      case "mtext":
        return text.trim() ? `\\text${braced(text)}` : " ";
      case "mfrac":
        return /^0/.test(node.getAttribute("linethickness"))
          ? `{${a} \\atop ${b}}`
          : `\\frac{${a}}{${b}}`;
      case "msqrt":
        return `\\sqrt${braced(parts.join(""))}`;
      case "mroot":
        return `\\sqrt[${b}]${braced(a)}`;
      case "msub":
        return `${a}_${braced(b)}`;
      case "munder":
        return accented(node, a, `${a.trim()}_${braced(b)}`);
      case "msup":
        return /^′+$/.test(b) ? a + "'".repeat(b.length) : `${a}^${braced(b)}`;
      case "mover":
        return accented(node, a, `${a.trim()}^${braced(b)}`);
      case "msubsup":
      case "munderover":
        return `${a.trim()}_${braced(b)}^${braced(c)}`;
      case "mtable":
        return `\\begin{matrix}${parts.join(" \\\\ ")}\\end{matrix}`;
      case "mtr":
        return parts.join(" & ");
      default:
        return parts.join("");
    }
  }

  function spelled(formula) {
    const source = tex(formula.querySelector("math")).replace(/ {2,}/g, " ").trim();
    return formula.closest(".katex-display") ? `$$${source}$$` : `$${source}$`;
  }

  /* The text as a page shows it: lines of paragraphs and lists. */
  function plain(fragment) {
    const page = document.createElement("div");
    page.style.cssText = "position: fixed; left: -200vw; width: 100vw;";
    page.append(fragment);
    document.body.append(page);
    // biome-ignore lint/performance/useDomNodeTextContent: the text content has no lines
    const text = page.innerText;
    page.remove();
    return text;
  }

  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || !event.clipboardData || event.target.closest?.("input, textarea"))
      return;
    const range = selection.getRangeAt(0).cloneRange();
    const formulaAt = (node) => (node.closest ? node : node.parentElement)?.closest(".katex");
    const [first, last] = [range.startContainer, range.endContainer].map(formulaAt);
    if (first) range.setStartBefore(first.closest(".katex-display") ?? first);
    if (last) range.setEndAfter(last.closest(".katex-display") ?? last);
    const shown = range.cloneContents();
    if (!shown.querySelector(".katex")) return;
    for (const extra of shown.querySelectorAll(".headerlink, .katex-html")) extra.remove();
    const read = shown.cloneNode(true);
    for (const formula of read.querySelectorAll(".katex")) formula.replaceWith(spelled(formula));
    for (const formula of shown.querySelectorAll(".katex"))
      formula.replaceWith(formula.querySelector("math"));
    const markup = document.createElement("div");
    markup.append(shown);
    event.clipboardData.setData("text/html", markup.innerHTML);
    event.clipboardData.setData("text/plain", plain(read));
    event.preventDefault();
  });
})();
