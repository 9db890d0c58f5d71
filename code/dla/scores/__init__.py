"""Scores as plain tables, and their sound with exact truth.

Bach chorales, fiddle tunes and string quartets from music21's corpus:
`names` lists them, `load` reads one, `from_notes` makes one from rows
of numbers, `render` plays it.
"""

from dla.scores.library import COLLECTIONS, load, names
from dla.scores.rendering import Rendering, render
from dla.scores.tables import Key, Score, from_notes
from dla.scores.tempo import TempoCurve

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
