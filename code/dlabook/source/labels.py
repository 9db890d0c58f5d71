"""What a label begins with, and what follows from it."""

from __future__ import annotations

import re

SECTIONS = ("ch", "sec")
EQUATIONS = ("eq", "def")
NUMBERED = ("fig", "tab", "alg", "thm", "prop", "lem", "cor", "rem", "exm")
ASKED = ("ex", "sol", "pred", "oral")
NAMED = ("term", "cite")
KINDS = (*SECTIONS, *EQUATIONS, *NUMBERED, *ASKED, *NAMED)  # of permanent addresses

# A label that a docstring may name.
LABEL = re.compile(
    rf"(?<![\w-])(?:{'|'.join((*SECTIONS, *EQUATIONS, *NUMBERED, 'ex'))})"
    r"-[a-z0-9]+(?:-[a-z0-9]+)*"
)
# Classes of the boxes that have a label: `kind-chapter-thing`.
BOXES = ("exercise", "proof", "prediction", "oral")

_ROLES = {**dict.fromkeys(EQUATIONS, "eq"), "fig": "numref", "tab": "numref"}


def link_to(label: str) -> str:
    """MyST role that links to a label, by the kind that the label begins with.

    >>> link_to("eq-pit-loss")
    '{eq}`eq-pit-loss`'
    """
    return f"{{{_ROLES.get(label.split('-')[0], 'ref')}}}`{label}`"
