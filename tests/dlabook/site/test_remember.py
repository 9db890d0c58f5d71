"""What is remembered from page to page changes no page."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from docutils import nodes

from dlabook.site import remember

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
    for name, more in {"plain": "", "remembered": ', "dlabook.site.remember"'}.items():
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


def tree(generator: random.Random, depth: int = 4) -> nodes.Element:
    root = generator.choice([nodes.section, nodes.paragraph, nodes.emphasis])("")
    for _ in range(generator.randrange(4) if depth else 0):
        is_text = generator.random() < 0.3
        root += nodes.Text("x") if is_text else tree(generator, depth - 1)
    return root


@pytest.mark.parametrize("condition", [None, nodes.paragraph, lambda node: len(node.children) > 1])
def test_a_tree_is_walked_in_the_order_of_docutils(condition):
    generator, found = random.Random(0), 0
    remember.walk_trees_flat()
    for _ in range(100):
        root = tree(generator)
        theirs = list(nodes.Node.findall.made(root, condition))
        ours = list(root.findall(condition))
        assert [id(node) for node in ours] == [id(node) for node in theirs]
        found += len(ours)
    assert found > 100


def test_who_changes_a_tree_on_the_way_sees_what_docutils_shows():
    def walked(findall) -> list[str]:
        root = nodes.section("", nodes.paragraph("", nodes.Text("a")), nodes.paragraph())
        seen = []
        for node in findall(root):
            seen.append(node.astext() if isinstance(node, nodes.Text) else node.tagname)
            if node.tagname == "paragraph" and not node.get("changed"):
                node["changed"] = True
                node += nodes.emphasis("", "new")
                if len(root) < 4:
                    root += nodes.paragraph("", nodes.Text("late"))
        return seen

    remember.walk_trees_flat()
    assert walked(nodes.Node.findall) == walked(nodes.Node.findall.made)
