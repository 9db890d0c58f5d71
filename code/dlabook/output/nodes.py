"""Nodes of a page for what a cell returns: figures in two themes, sounds in rows."""

from __future__ import annotations

from docutils import nodes

SVG_MIME = "image/svg+xml"
SOUNDS, FIGURES = "_sounds", "_figures"  # folders of the site
HTML_BUILDERS = ("html", "dirhtml", "singlehtml")


class figure_image(nodes.General, nodes.Element):
    """A figure as two files, for the light and the dark theme."""


class clip_rows(nodes.General, nodes.Element):
    """Players, one row per sound."""


class listening_test(nodes.General, nodes.Element):
    """A blind test around the players of its sounds."""
