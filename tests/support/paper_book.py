"""A small book, set on paper and built as a site."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100pt" height="50pt" viewBox="0 0 100 50">'
    '<rect width="100" height="50" fill="#005f9e"/></svg>'
)

TOC = """
format: jb-book
root: book/index
parts:
  - caption: First
    numbered: true
    chapters:
      - file: book/first/a
        sections:
          - file: book/first/a/below
      - file: book/first/heard
  - caption: Second
    numbered: true
    chapters:
      - file: book/second
  - caption: Around
    chapters:
      - file: book/exam/trainer
      - file: book/notation
      - file: book/api
"""

PAGES = {
    "book/index": "# The book's title\n\nIt begins.\n",
    "book/first/a": """(ch-a)=
# Chapter A

```{exercise}
:label: ex-a

Why?
```

```{solution-start} ex-a
:class: dropdown
```

Because of {eq}`eq-a`, its solution says.

```{solution-end}
```

(sec-a-one)=
## Section of A

$$
\\E x = 1
$$ (eq-a)

See {ref}`sec-below`, {eq}`eq-below`, {ref}`ch-trainer` and {ref}`ex-a`.
In G♭ the sign ♭ is a glyph that the text's font lacks, and Ω too.
""",
    "book/first/a/below": """(sec-below)=
# Page below A

$$
y = 2
$$ (eq-below)

Wide: {eq}`eq-a`.

| sign | meaning | unit |
|---|---|--:|
| $x$ | a sentence that has to be broken because no line of a page would hold it as a whole | 1 |
""",
    "book/second": """(ch-second)=
# Second ♭ chapter with $a_1$

Text with a_b, 50 % & #.

$$
z = 3
$$ (def-z)

```{prf:theorem} of all
:label: thm-second

It holds.
```

By {prf:ref}`thm-second` it does.

```{exercise} hard
:label: ex-second

What?
```

```{solution} ex-second
:class: dropdown

That.
```
""",
    "book/exam/trainer": "(ch-trainer)=\n# Trainer\n\nIt needs a browser.\n",
    "book/notation": "# Notation\n\nSee {ref}`ch-a`, {ref}`ex-a` and {numref}`fig-heard`.\n",
    "book/api": "# Library\n\n```{library} losses\n```\n",
}

MODULE = '''"""Losses."""

def loss(x: int) -> int:
    """The smallest (eq-a)."""
    return x
'''


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def mp3() -> bytes:
    """A quarter of a second of noise."""
    import numpy as np

    from dlabook.output.clip import encode

    return encode(0.1 * np.random.default_rng(0).standard_normal(4000), 16000)


def heard() -> str:
    """A notebook with a player of two sounds, a figure, and a printed line."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    encoded = base64.b64encode(mp3()).decode()
    row = {"seconds": 0.25, "sample_rate": 16000, "gain": 0.0, "mp3": encoded}
    rows = [row | {"label": "a & b", "level": -20.5}, row | {"label": "nothing", "level": None}]
    sound = new_output(
        "display_data", {"application/vnd.dla.clips+json": {"matched": True, "rows": rows}}
    )
    picture = new_output("display_data", {"image/svg+xml": SVG})
    printed = new_output("stream", text="mean 6 ± 1\n")
    shown = {"figure": {"name": "fig-heard", "caption": "A box."}, "image": {"alt": "A blue box."}}
    cells = [
        new_markdown_cell("(ch-heard)=\n# Heard\n\nIn {numref}`fig-heard`."),
        new_code_cell("Clips(x)", outputs=[sound], execution_count=1),
        new_code_cell("plot()", outputs=[picture], metadata={"mystnb": shown}, execution_count=2),
        new_code_cell('print("mean 6 ± 1")', outputs=[printed], execution_count=3),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    python = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    return nbformat.writes(new_notebook(cells=cells, metadata=python))


def config(**more) -> dict:
    return {
        "extensions": [
            "myst_nb",
            "sphinx_external_toc",
            "sphinx_multitoc_numbering",
            "sphinx_exercise",
            "sphinx_proof",
            "dlabook.site.directives",
            "dlabook.reader.library.pages",
            "dlabook.paper.document",
        ],
        "external_toc_path": "_toc.yml",
        "exclude_patterns": ["_build", "code"],
        "html_title": "T",
        "myst_enable_extensions": ["dollarmath"],
        "nb_execution_mode": "off",
        "numfig": True,
        "math_numfig": True,
        "math_eqref_format": "({number})",
        "use_multitoc_numbering": True,
        "html_theme": "basic",
    } | more


def make_book(root: Path) -> Path:
    write(root, "_toc.yml", TOC)
    write(root, "CITATION.cff", "title: T_1\nversion: 1.0.0\ndate-released: 2020-01-02\nauthors:\n"
          "  - name: A & B\n")  # fmt: skip
    write(root, "book/macros.json", json.dumps({"\\E": "\\operatorname{E}"}))
    for name, text in PAGES.items():
        write(root, f"{name}.md", text)
    write(root, "book/first/heard.ipynb", heard())
    write(root, "code/dla/losses/__init__.py", "")
    write(root, "code/dla/losses/loss.py", MODULE)
    return root


LATEX = """
import json, pathlib, sys
from dlabook.paper import latex as pdf
root = pathlib.Path(sys.argv[1])
pdf.run_sphinx(root, root / "_build/pdf", json.loads(sys.argv[2]))
"""

HTML = """
import io, json, sys
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils
root, settings = sys.argv[1], json.loads(sys.argv[2])
out, trees = f"{root}/_build/html", f"{root}/_build/trees"
with patch_docutils(root), docutils_namespace():
    Sphinx(root, None, out, trees, "html", settings, status=None, warning=io.StringIO()).build()
"""


def build_alone(program: str, root: Path, settings: dict) -> None:
    """Sphinx in a process of its own: an extension asks every object that lives in it."""
    command = [sys.executable, "-c", program, str(root), json.dumps(settings)]
    subprocess.run(command, check=True)


def labels(tex: str) -> set[str]:
    detokenized = re.sub(r"\\detokenize\{([^{}]*)\}", r"\1", tex)
    equations = re.findall(r"\\bookequation\{[^{}]*\}\{([^{}]*)\}", tex)
    return set(re.findall(r"\\label\{([^{}]*)\}", detokenized)) | set(equations)


def links(tex: str) -> set[str]:
    detokenized = re.sub(r"\\detokenize\{([^{}]*)\}", r"\1", tex)
    found = re.findall(r"\\(?:hyperref\[|pageref\*?\{|bookforth\{|bookback\{)([^]}]+)", detokenized)
    return set(found)
