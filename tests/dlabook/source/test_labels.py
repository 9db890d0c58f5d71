"""Labels: each kind has one meaning, and a role that leads to it."""

import pytest

from dlabook.source.labels import KINDS, LABEL, link_to


def test_each_kind_is_there_once():
    assert len(KINDS) == len(set(KINDS))


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("eq-a-b", "eq"),
        ("def-a-b", "eq"),
        ("fig-a-b", "numref"),
        ("tab-a-b", "numref"),
        ("sec-a-b", "ref"),
        ("ex-a-b", "ref"),
    ],
)
def test_the_kind_decides_the_role(label, role):
    assert link_to(label) == f"{{{role}}}`{label}`"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as eq-pit-loss says", ["eq-pit-loss"]),
        ("(def-a-b; ex-a-b)", ["def-a-b", "ex-a-b"]),
        ("a non-eq-thing, an eq, an exit-code, a pred-a-b", []),
    ],
)
def test_what_a_docstring_may_name(text, found):
    assert LABEL.findall(text) == found
