"""Repairs of the theme: mathematics without scripts, few icons, folded boxes, the 404 page."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from fontTools.ttLib import TTFont
from places import ROOT

from dlabook.site.icons import ICONS, code_point, subset_font
from dlabook.site.markup import from_root, native_dropdowns, repair_body, with_named_toggles
from dlabook.site.mathematics import Typesetter, node_binary

KATEX = ROOT / "node_modules" / "katex" / "dist" / "katex.min.js"


@pytest.fixture
def typesetter():
    typesetter = Typesetter(KATEX, {"\\Mean": "\\operatorname{E}"})
    yield typesetter
    typesetter.close()


def test_a_formula_becomes_markup_that_is_seen_and_read(typesetter):
    markup = typesetter.html(r"\hat s_i", display=False)
    assert markup.startswith('<span class="katex">')
    assert "<math>" in markup  # for screen readers
    assert 'aria-hidden="true"' in markup  # the visible part is not read again
    assert "annotation" not in markup


def test_display_macros_and_many_formulas(typesetter):
    assert "katex-display" in typesetter.html(r"\Mean[x]", display=True)
    for k in range(300):
        assert str(k) in typesetter.html(f"x_{{{k}}}", display=False)


def test_tex_that_katex_does_not_know_is_an_error_and_not_red_text(typesetter):
    with pytest.raises(ValueError, match=r"nosuchcommand"):
        typesetter.html(r"\nosuchcommand x", display=False)
    assert "katex" in typesetter.html("x", display=False)  # it lives on


def test_katex_that_is_not_installed_is_said():
    with pytest.raises(RuntimeError, match="npm ci"):
        Typesetter(Path("nowhere.js"), {}).html("x", display=False)


def test_node_comes_from_pypi_where_the_machine_has_none(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert Path(node_binary()).exists()


def test_folded_boxes_open_without_a_script():
    box = (
        '<div class="solution dropdown admonition" id="a">\n<p class="admonition-title">Solution to'
        '<a class="reference" href="#b"> Exercise 1</a></p>\n<div class="x"><div>in</div></div>\n'
        "</div><p>after</p>"
    )
    assert native_dropdowns(box + box.replace('"a"', '"c"')).count("<details") == 2
    assert re.sub(r"\s+", " ", native_dropdowns(box)) == (
        '<details class="solution dropdown admonition" id="a"><summary class="admonition-title">'
        'Solution to Exercise 1</summary> <div class="x"><div>in</div></div> </details><p>after</p>'
    )


def test_a_box_that_is_not_folded_stays():
    box = '<div class="admonition note">\n<p class="admonition-title">Note</p>\n<p>x</p>\n</div>'
    assert native_dropdowns(box) == box


def test_tables_scroll_inside_themselves():
    assert repair_body("<table><tr></tr></table>") == (
        '<div class="table-scroll"><table><tr></tr></table></div>'
    )


def test_the_toggles_of_the_contents_have_a_name():
    contents = (
        '<a class="current reference internal" href="#">1. PIT</a><details open="open"><summary>'
    )
    named = with_named_toggles(lambda kind: contents)("sidebar")
    assert named.endswith('<details open="open"><summary aria-label="Pages of 1. PIT">')


def test_links_of_the_404_page_start_at_the_root():
    body = '<a href="index.html#top">a</a> <a href="../x.html">b</a> <a href="https://a.org">c</a>'
    assert from_root(body, "book/404") == (
        '<a href="/book/index.html#top">a</a> <a href="/x.html">b</a> <a href="https://a.org">c</a>'
    )
    assert from_root('<a href="#here">', "book/404") == '<a href="#here">'


def test_the_icon_font_keeps_the_icons_asked_for(tmp_path):
    import pydata_sphinx_theme

    theme = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
    source = theme / "vendor/fontawesome/webfonts/fa-solid-900.ttf"
    subset_font(source, tmp_path / "icons.woff", {0xF0C9, 0xF185})
    assert set(TTFont(tmp_path / "icons.woff").getBestCmap()) == {0xF0C9, 0xF185}
    assert (tmp_path / "icons.woff").stat().st_size < 3000
    css = (theme / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    assert [name for name in ICONS if f".fa-{name}:before" not in css] == []


def test_code_points_of_style_sheets():
    assert code_point("\\f0c9") == code_point("\uf0c9") == 0xF0C9


def test_every_style_has_a_class_of_its_own(typesetter):
    first = typesetter.html(r"\frac{a}{b}", display=False)
    second = typesetter.html(r"\frac{a}{b} + \sum_{n=1}^N x_n", display=True)
    assert "style=" not in first + second
    assert len(set(typesetter.styles.values())) == len(typesetter.styles)
    used = set(re.findall(r"\bk\d+\b", first + second))
    assert used == set(typesetter.styles.values())
    assert "height" in " ".join(typesetter.styles)


def test_classes_that_a_rule_names_are_kept(typesetter):
    markup = typesetter.html(r"x_{\mathrm{a}}", display=False)
    assert "mathnormal" in markup
    assert "katex-html" in markup
    assert "mord " not in markup  # KaTeX's style sheet has no rule for it


class StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key given twice, which would silently lose the first."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice, f"given twice: {twice}"
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("name", ["_config.yml", "_toc.yml"])
def test_no_key_of_the_configuration_is_given_twice(name):
    assert yaml.load((ROOT / name).read_text(), StrictLoader)


def test_the_strict_loader_refuses():
    with pytest.raises(AssertionError, match=r"given twice: \{'a'\}"):
        yaml.load("a: 1\na: 2", StrictLoader)


def test_the_lock_of_the_browser_parts_has_no_addresses():
    assert "http" not in re.sub(
        r'"funding": (\{[^}]*\}|\[[^\]]*\]|"[^"]*")', "", (ROOT / "package-lock.json").read_text()
    )
