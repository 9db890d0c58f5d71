"""One setting says where the book is published: every page is in the sitemap and names itself."""

import xml.etree.ElementTree as ElementTree

import pytest
import small_site
from small_site import configure, write

from dlabook.site.sitemap import NAME, sitemap

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def listed(text: str) -> list[str]:
    return [place.text for place in ElementTree.fromstring(text).iter(f"{SPACE}loc")]


@pytest.mark.parametrize("base", ["https://example.org/dla", "https://example.org/dla/"])
def test_addresses_begin_with_the_setting_and_their_signs_are_escaped(base):
    found = listed(sitemap(base, ["index.html", "book/a & b.html"]))
    start = "https://example.org/dla/"
    assert found == [f"{start}index.html", f"{start}book/a%20%26%20b.html"]


def test_what_is_no_address_of_the_web_is_refused():
    with pytest.raises(ValueError, match=r"'example\.org', expected https"):
        sitemap("example.org", [])


def test_pages_kept_from_the_last_build_are_listed_too(tmp_path):
    base = "https://example.org/dla/"
    configure(
        tmp_path,
        ["dlabook.site.translator", "dlabook.site.mathematics", "dlabook.site.sitemap"],
        f"html_baseurl = {base!r}\n",
    )
    write(tmp_path, "index.md", "# Index\n\n```{toctree}\nbook/a\nbook/b\n```\n")
    write(tmp_path, "book/a.md", "# A\n")
    write(tmp_path, "book/b.md", "# B\n")
    write(tmp_path, "gone.md", "---\norphan: true\n---\n# Only for who is lost\n")
    small_site.build(tmp_path)
    write(tmp_path, "book/a.md", "# A\n\nAnother word.\n")
    assert "book/b" not in small_site.build(tmp_path).written
    site = tmp_path / "_build/html"
    pages = ["book/a.html", "book/b.html", "index.html"]
    assert listed((site / NAME).read_text()) == [base + page for page in pages]
    assert f'rel="canonical" href="{base}book/a.html"' in (site / "book/a.html").read_text()


def test_a_book_that_is_nowhere_has_no_sitemap(tmp_path):
    configure(
        tmp_path, ["dlabook.site.translator", "dlabook.site.mathematics", "dlabook.site.sitemap"]
    )
    write(tmp_path, "index.md", "# Index\n")
    write(tmp_path, "_build/html/sitemap.xml", "old")
    small_site.build(tmp_path)
    assert not (tmp_path / "_build/html" / NAME).exists()
