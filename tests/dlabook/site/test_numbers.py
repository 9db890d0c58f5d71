"""Skeletons: they have the numbers of the whole page, and nothing else of it."""

import pickle

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx import addnodes

from dlabook.site.numbers import counter, skeleton


def is_counted(node) -> bool:
    return isinstance(node, nodes.figure | nodes.math_block)


@pytest.fixture
def page() -> nodes.document:
    document = new_document("x")
    section = nodes.section("", nodes.title("", "A"), ids=["sec-a"])
    section += nodes.paragraph("", "Words that nobody counts.")
    figure = nodes.figure("", nodes.image(uri="x.png"), nodes.caption("", "C"), ids=["fig-a"])
    section += nodes.container("", nodes.paragraph("", "text"), figure)
    inner = nodes.section("", nodes.title("", "B"), ids=["sec-b"])
    inner += nodes.math_block("", "x", ids=["equation-eq-a"])
    inner += addnodes.toctree("", entries=[("", "book/b")])
    section += inner
    document += section
    return document


def kept(page) -> nodes.Element:
    return nodes.Element("", *skeleton(page, is_counted))


def counted(tree) -> list:
    return [node["ids"] for node in tree.findall() if is_counted(node)]


def test_what_is_counted_is_there_in_its_order_and_section(page):
    bare = kept(page)
    assert counted(bare) == counted(page) == [["fig-a"], ["equation-eq-a"]]
    assert [s["ids"] for s in bare.findall(nodes.section)] == [["sec-a"], ["sec-b"]]
    (figure,) = bare.findall(nodes.figure)
    assert figure.parent["ids"] == ["sec-a"]
    assert figure[0].astext() == "C"  # without a caption it would have no number
    assert [t["entries"] for t in bare.findall(addnodes.toctree)] == [[("", "book/b")]]


def test_nothing_else_is(page):
    bare = kept(page)
    assert not list(bare.findall(nodes.paragraph)) and not list(bare.findall(nodes.image))
    assert skeleton(nodes.paragraph("", "text"), is_counted) == []


def test_the_page_stays_as_it_was(page):
    before = page.pformat()
    skeleton(page, is_counted)
    assert page.pformat() == before


def test_sphinx_finds_skeletons_while_it_counts_and_trees_after(page):
    from types import SimpleNamespace

    from dlabook.site.record import record_of

    class Environment(SimpleNamespace):
        def get_doctree(self, docname):
            return "tree"

    env = Environment()
    record_of(env).of("a").skeleton = "skeleton"
    seen = []
    counter(lambda app, env: seen.append(env.get_doctree("a")))(None, env)
    assert seen == ["skeleton"]
    assert env.get_doctree("a") == "tree"


def test_a_kept_skeleton_does_not_keep_its_page(page):
    """Nodes point to their document: what is kept must not."""
    from types import SimpleNamespace

    from dlabook.site import numbers
    from dlabook.site.record import record_of

    domain = SimpleNamespace(
        name="x",
        enumerable_nodes={nodes.figure: ("figure", None)},
        get_enumerable_node_type=lambda node: is_counted(node) or None,
    )
    env = SimpleNamespace(domains={"x": domain}, docname="a")
    numbers.keep_skeleton(SimpleNamespace(env=env), page)
    assert b"nobody counts" not in pickle.dumps(record_of(env).of("a").skeleton)
