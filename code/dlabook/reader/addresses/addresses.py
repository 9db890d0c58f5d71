"""Sphinx extension and command: addresses that were published once go on to work.

Not sphinx-reredirects, because that follows pages that moved, and not the labels in them.

``tests/anchors.txt`` lists every address: ``page#label`` of chapters,
sections, equations, figures, statements, exercises, predictions, oral
questions and references, and each page itself. ``book/redirects.txt`` says
where one has moved, one a line, ``old new``::

    book/old-page                book/new-page
    book/page#eq-old-label       book/other-page#eq-new-label

A page that moved takes its anchors along. Where the old page is still there,
``moved.js`` follows the rule; where it is not, a page stands in
for it that does.
"""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path

from sphinx.application import Sphinx

from dlabook.site.static import publish
from dlabook.source.files import write_whole
from dlabook.source.labels import KINDS

LIST, REDIRECTS = "tests/anchors.txt", "book/redirects.txt"
_LABEL = re.compile(rf'<(?!code|pre)[a-z0-9]+\b[^>]*? id="((?:{"|".join(KINDS)})-[^"]+)"')


def published(site: Path) -> set[str]:
    """Every permanent address of a built site."""
    found = set()
    for path in (site / "book").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if 'http-equiv="refresh"' in text:
            continue
        page = path.relative_to(site).as_posix().removesuffix(".html")
        found.add(page)
        found.update(f"{page}#{label}" for label in _LABEL.findall(text))
    return found


def listed(root: Path) -> set[str]:
    path = root / LIST
    return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()


def redirects(root: Path) -> dict[str, str]:
    """Old address -> new address.

    Raises:
        ValueError: a line does not have two addresses, or one is given twice.
    """
    path, rules = root / REDIRECTS, {}
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0] == "#":
            continue
        if len(words) != 2 or words[0] in rules:
            raise ValueError(f"{REDIRECTS}:{number}: expected 'old new', once each, got {line!r}")
        rules[words[0]] = words[1]
    return rules


def resolve(address: str, rules: dict[str, str], known: set[str]) -> str | None:
    """Where an address leads, by as many rules as it takes; None if it leads nowhere."""
    seen = set()
    while address not in known:
        if address in seen:
            return None
        seen.add(address)
        page, _, anchor = address.partition("#")
        if address in rules:
            address = rules[address]
        elif page in rules and anchor:
            address = f"{rules[page].partition('#')[0]}#{anchor}"
        else:
            return None
    return address


def lost(root: Path, site: Path) -> list[str]:
    """Listed addresses that neither exist nor redirect to one that does."""
    known, rules = published(site), redirects(root)
    return sorted(address for address in listed(root) if resolve(address, rules, known) is None)


def unlisted(root: Path, site: Path) -> list[str]:
    return sorted(published(site) - listed(root))


def accept_addresses(root: Path) -> str:
    """Add the built site's new addresses to the list, and remove none; say what was done."""
    from dlabook.site.build import build_key

    key, site = root / "_build" / "html.key", root / "_build" / "html"
    if not key.exists() or key.read_text().split()[:1] != [build_key(root)]:
        return f"{LIST} stays as it is: the site is not built from these sources (make book)"
    new = unlisted(root, site)
    if new:
        lines = sorted(listed(root) | set(new))
        write_whole(root / LIST, "\n".join(lines) + "\n")
    return f"{LIST}: {len(new)} new"


# ---------------------------------------------------------------- the site


def write_redirects(app: Sphinx, exception: Exception | None) -> None:
    """A page for each page that moved; a script that knows all places that did."""
    if exception or app.builder.format != "html":
        return
    rules, site = redirects(Path(app.srcdir)), Path(app.outdir)
    uri = app.builder.get_target_uri

    def link(address: str) -> str:
        page, hash_sign, anchor = address.partition("#")
        return uri(page) + hash_sign + anchor

    script = json.dumps({old: link(new) for old, new in sorted(rules.items())}, indent=1)
    target = site / "_static" / "redirects.js"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"window.bookRedirects = {script};\n", encoding="utf-8")
    for old, new in rules.items():
        if "#" in old or old in app.env.all_docs:
            continue
        up = posixpath.relpath(".", posixpath.dirname(uri(old)) or ".")
        moved = {
            address.partition("#")[2]: f"{up}/{link(place)}"
            for address, place in rules.items()
            if address.startswith(f"{old}#")
        }
        page = app.builder.templates.render(
            "redirect.html",
            {"title": app.config.html_title, "target": f"{up}/{link(new)}", "moved": moved},
        )
        path = site / uri(old)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")


def add_script(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """The script that follows what moved from a page that is still there."""
    if doctree is not None:
        app.add_js_file("moved.js", defer="defer")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    publish(app, __file__, "moved.js")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
