"""music21 without what it does to a notebook.

To be imported by whatever imports music21.

In a notebook music21 starts a timer, which a second after the import
sets the format of all later figures.
"""

from music21 import ipython21

if hasattr(ipython21, "t"):
    ipython21.t.cancel()
    ipython21.t.join()  # where the import took longer than the second
