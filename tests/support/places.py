"""Where the tests find the book."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
RC = ROOT / "book" / "matplotlibrc"
DLABOOK = ROOT / "code" / "dlabook"
