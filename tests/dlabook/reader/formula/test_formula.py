"""Formulas that are copied: TeX in plain text, MathML in HTML, each whole."""

import pytest
from small_site import build, configure, visitor, write

EXTENSIONS = ["dlabook.site.mathematics", "dlabook.reader.formula.formula"]
# TeX of the page -> TeX that is copied, which means the same.
FORMULAS = {
    r"x(t) = \frac{1}{2}": r"x(t) = \frac{1}{2}",
    r"\hat s_i^2 - \sqrt{n}": r"\hat{s}_{i}^{2} - \sqrt{n}",
    r"\sum_{n=1}^{N} a_n": r"∑_{n = 1}^{N}a_{n}",
    r"10 \log_{10} r": r"10\operatorname{log}_{10}r",
    r"\mathbf{W} x \in \mathbb{R}": r"\mathbf{W}x ∈ \mathbb{R}",
    r"\binom{4}{2}": r"({4 \atop 2})",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}": r"(\begin{matrix}a & b \\ c & d\end{matrix})",
    r"\text{gain of } G": r"\text{gain of }G",
    r"f'": "f'",
}
LINES = [
    "# Page",
    "The level $L = 3$ of $P_x$ in dB.",
    "$$\na = b\n$$",
    *(f"$\n{formula}\n$" for formula in FORMULAS),
]
# What a selection gives, from a node's start to another's end.
COPY = """([first, last]) => {
  const range = document.createRange(), data = new DataTransfer();
  range.setStart(document.querySelector(first), 0);
  const end = document.querySelector(last);
  range.setEnd(end, end.childNodes.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  const event = new ClipboardEvent("copy",
    { bubbles: true, cancelable: true, clipboardData: data });
  document.querySelector("p").dispatchEvent(event);
  return [data.getData("text/plain"), data.getData("text/html"), event.defaultPrevented];
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    configure(root, EXTENSIONS)
    write(root, "index.md", "\n\n".join(LINES))
    assert build(root).warnings == ""
    return (root / "_build/html/index.html").as_uri()


@pytest.fixture
def tab(browser, address):
    with visitor(browser, "formula.js") as tab:
        tab.goto(address)
        yield tab


def test_formulas_are_tex_in_plain_text(tab):
    text, _, _ = tab.evaluate(COPY, ["h1", "section p:last-of-type"])
    lines = [line for line in text.splitlines() if line.strip()]
    assert lines[:3] == ["Page", "The level $L = 3$ of $P_{x}$ in dB.", "$$a = b$$"]
    assert lines[3:] == [f"${tex}$" for tex in FORMULAS.values()]


def test_formulas_are_mathml_in_html(tab):
    _, markup, _ = tab.evaluate(COPY, ["h1", "section p:last-of-type"])
    assert markup.count("<math") == 3 + len(FORMULAS)
    assert "<mfrac>" in markup and "katex-html" not in markup


def test_a_selection_inside_a_formula_copies_it_whole(tab):
    text, _, _ = tab.evaluate(COPY, ["p .katex-html .mathnormal", "p .katex-html .mathnormal"])
    assert text == "$L = 3$"


def test_a_selection_without_a_formula_is_the_browser_s(tab):
    assert tab.evaluate(COPY, ["h1", "h1"]) == ["", "", False]


def test_a_page_without_formulas_has_no_script(tmp_path):
    configure(tmp_path, EXTENSIONS)
    write(tmp_path, "index.md", "# Page\n\nText.\n")
    build(tmp_path)
    assert "formula.js" not in (tmp_path / "_build/html/index.html").read_text(encoding="utf-8")
