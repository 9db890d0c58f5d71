"""Formulas: seen and read without a script, refused where KaTeX does not know them."""

import re
import shutil
from pathlib import Path

import pytest
from places import ROOT

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


def test_a_binomial_coefficient_is_not_read_as_a_fraction(typesetter):
    markup = typesetter.html(r"\binom{4}{2} = \frac{12}{2}", display=False)
    assert markup.count('<mfrac linethickness="0px">') == 1
    assert markup.count("<mfrac>") == 1


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


def test_every_style_has_a_class_of_its_own(typesetter):
    first = typesetter.html(r"\frac{a}{b}", display=False)
    second = typesetter.html(r"\frac{a}{b} + \sum_{n=1}^N x_n", display=True)
    assert "style=" not in first + second
    assert len(set(typesetter.styles.values())) == len(typesetter.styles)
    used = set(re.findall(r"\bk[0-9a-f]{6}\b", first + second))
    assert used == set(typesetter.styles.values())
    assert "height" in " ".join(typesetter.styles)


def test_classes_that_a_rule_names_are_kept(typesetter):
    markup = typesetter.html(r"x_{\mathrm{a}}", display=False)
    assert "mathnormal" in markup
    assert "katex-html" in markup
    assert "mord " not in markup  # KaTeX's style sheet has no rule for it
