"""What is remembered from page to page changes no page."""

import subprocess
import sys
from pathlib import Path

import pytest

CONF = """
extensions = ["myst_parser", "sphinxcontrib.bibtex", "sphinx_book_theme"{more}]
html_theme = "sphinx_book_theme"
html_theme_options = {{"show_navbar_depth": 2, "max_navbar_depth": 2, "use_download_button": True}}
bibtex_bibfiles = ["references.bib"]
source_suffix = {{".md": "markdown"}}
html_last_updated_fmt = None
"""
INDEX = """# Index

```{toctree}
:caption: First
part/a
b
```

```{toctree}
:caption: Second
c
Elsewhere <https://example.org/>
```
"""
PAGE = """# Page {name}

Training networks, trained and retrained {cite:p}`Mohr2000`.

## A section of {name}

```python
def trained(network: int = {number}):
    return "{name}"
```

```{code-block} python
:linenos:
:emphasize-lines: 1
x = {number}
```

```none
plain
```
{more}
"""


def write_book(root: Path, more: str) -> None:
    (root / "part").mkdir(parents=True)
    (root / "conf.py").write_text(CONF.format(more=more))
    (root / "index.md").write_text(INDEX)
    entry = "@book{Mohr2000, title={Mohr}, author={Mohr, A.}, year={2000}, publisher={P}}"
    (root / "references.bib").write_text(entry)
    below = "\n```{toctree}\nbelow\n```\n"
    references = "\n```{bibliography}\n```\n"
    pages = {"part/a": below, "part/below": "", "b": "", "c": references}
    for number, (name, extra) in enumerate(pages.items()):
        text = PAGE.replace("{name}", name).replace("{number}", str(number))
        (root / f"{name}.md").write_text(text.replace("{more}", extra))


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """The same book without and with the extension, each built by a process of its own."""
    found = []
    for name, more in {"plain": "", "remembered": ', "dlabook.remember"'}.items():
        root = tmp_path_factory.mktemp(name) / "book"
        write_book(root, more)
        command = [sys.executable, "-m", "sphinx", "-q", "-W", str(root), str(root / "_build")]
        subprocess.run(command, check=True)
        found.append(root / "_build")
    return found


def test_all_files_are_the_same(sites):
    plain, remembered = (
        {
            path.relative_to(site): path.read_bytes()
            for path in site.rglob("*")
            if path.suffix in (".html", ".js", ".css")
        }
        for site in sites
    )
    assert plain.keys() == remembered.keys()
    assert [name for name in plain if plain[name] != remembered[name]] == []


def test_a_page_is_marked_in_its_own_contents_only(sites):
    for site in sites:
        page = (site / "part" / "below.html").read_text()
        assert page.count("current active") == 2  # its own entry, and the one above it
        assert 'href="../c.html"' in page
