"""What makes the pages: executing, transcripts, players, predictions.

A chapter needs five names of this package:

    from dlabook import Clip, Clips, ScorePicture, glue, outcome

They are loaded on first use, so that the commands of this package
start without matplotlib or soundfile.
"""

from importlib import import_module

_HOME = {
    "Clip": "dlabook.output.clip",
    "Clips": "dlabook.output.clip",
    "ScorePicture": "dlabook.output.score",
    "glue": "dlabook.output.results",
    "outcome": "dlabook.output.results",
}

__all__ = ["Clip", "Clips", "ScorePicture", "glue", "outcome"]


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'dlabook' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
