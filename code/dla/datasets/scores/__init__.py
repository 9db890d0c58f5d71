"""Scores as plain tables, and their sound with exact truth.

Bach chorales, fiddle tunes and string quartets from music21's corpus:
`names` lists them, `load` reads one, `from_notes` makes one from rows
of numbers, `render` plays it.
"""

from dla.datasets.scores.library import COLLECTIONS, load, names
from dla.datasets.scores.rendering import Rendering, render
from dla.datasets.scores.tables import Key, Score, from_notes
from dla.datasets.scores.tempo import TempoCurve

__all__ = [
    "COLLECTIONS",
    "Key",
    "Rendering",
    "Score",
    "TempoCurve",
    "from_notes",
    "load",
    "names",
    "render",
]
