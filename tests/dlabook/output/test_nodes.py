"""Nodes of outputs: a builder that knows them not fails aloud; their folders are the site's."""

import pytest
from docutils import nodes
from docutils.utils import new_document
from docutils.writers.html5_polyglot import HTMLTranslator
from places import SITE

from dlabook.output.nodes import FIGURES, SOUNDS, clip_rows, figure_image, listening_test


@pytest.mark.parametrize("kind", [clip_rows, figure_image, listening_test])
def test_a_writer_that_does_not_know_a_node_says_so(kind):
    document = new_document("x")
    document.settings.strict_visitor = True
    with pytest.raises(NotImplementedError, match=kind.__name__):
        nodes.NodeVisitor(document).dispatch_visit(kind())
    assert not hasattr(HTMLTranslator, f"visit_{kind.__name__}")


@pytest.mark.parametrize("folder", [SOUNDS, FIGURES])
def test_the_site_has_files_in_its_folders(folder):
    assert any((SITE / folder).iterdir())
