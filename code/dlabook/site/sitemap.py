"""Sphinx extension: ``sitemap.xml`` of a book that says where it is published.

Not sphinx-sitemap, because that lists the pages that were written in this build, not those kept
from the last one (its issue 13, open).
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urljoin
from xml.sax.saxutils import escape

from sphinx.application import Sphinx

NAME = "sitemap.xml"


def sitemap(base: str, pages: list[str]) -> str:
    """A sitemap (sitemaps.org, version 0.9).

    Args:
        base: address of the site; it ends in a slash, or one is added.
        pages: addresses of the pages in the site.

    Raises:
        ValueError: the base is no address of the web.
    """
    if not base.startswith(("http://", "https://")):
        raise ValueError(f"html: baseurl is {base!r}, expected https://...")
    urls = (urljoin(base.rstrip("/") + "/", quote(page)) for page in pages)
    entries = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in urls)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def write_sitemap(app: Sphinx, exception: Exception | None) -> None:
    """Beside the first page; without an address there is none, and an old one goes."""
    if exception or app.builder.format != "html":
        return
    path, base = Path(app.outdir, NAME), app.config.html_baseurl
    if not base:
        path.unlink(missing_ok=True)
        return
    pages = sorted(name for name in app.env.found_docs if "orphan" not in app.env.metadata[name])
    path.write_text(sitemap(base, [app.builder.get_target_uri(name) for name in pages]))


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
