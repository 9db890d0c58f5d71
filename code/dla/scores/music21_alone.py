"""music21 without what it does to a notebook.

To be imported by whatever imports music21.

In a notebook music21 starts a timer, which a second after the import
sets the format of all later figures. And it warns of bars that are
overfull, which `dla.scores.parsing` cuts and says so: whoever is the
first to parse such a piece would have the warning on a page.
"""

import warnings

from music21 import ipython21
from music21.musicxml.xmlObjects import MusicXMLWarning

warnings.filterwarnings(
    "ignore", "Warning: measure .*is overfull", MusicXMLWarning
)

if hasattr(ipython21, "t"):
    ipython21.t.cancel()
    ipython21.t.join()  # where the import took longer than the second
