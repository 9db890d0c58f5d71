"""What a causal diagram shows."""

import matplotlib.pyplot as plt
import pytest

from dla.chapters.experiments.diagram import causal_diagram


@pytest.fixture
def thin_patches():
    """The book's settings draw patches without edges."""
    with plt.rc_context({"patch.linewidth": 0}):
        yield


NODES = {"Y": (0.0, 1.0), "Z": (1.0, 1.0), "x": (0.5, 0.0)}


@pytest.mark.usefixtures("thin_patches")
def test_every_variable_has_its_name_and_every_cause_an_arrow():
    ax = causal_diagram(NODES, [("Y", "x"), ("Z", "x")], absent=[("Y", "Z")])
    texts = [t.get_text() for t in ax.texts]
    assert [t for t in texts if t] == ["Y", "Z", "x"]
    assert texts.count("") == 3  # arrows
    styles = [t.arrow_patch.get_linestyle() for t in ax.texts if not t.get_text()]
    assert styles == ["-", "-", ":"]
    assert all(t.arrow_patch.get_linewidth() > 0 for t in ax.texts if not t.get_text())


def test_an_arrow_to_nowhere_is_refused():
    with pytest.raises(ValueError, match=r"no node 'W'; there are Y, Z, x"):
        causal_diagram(NODES, [("Y", "W")])
