"""Which pieces there are, and loading one by its name.

All come with music21's corpus, in whose folder they stay. A piece is
parsed once and then kept as tables (see `cache`).
"""

import importlib.util
import io
import json
import re
from dataclasses import asdict, dataclass
from functools import cache as once
from importlib.metadata import version
from pathlib import Path

import numpy as np

from dla import cache
from dla.names import unknown
from dla.scores.tables import CHORD, Key, Score

COLLECTIONS = ("chorales", "tunes", "quartets")
TABLES = ("notes", "bars", "beats", "meters", "chords")
QUARTETS = {  # folder or file below the composer's: four string parts
    "haydn": ("opus1no1", "opus74no1"),
    "mozart": ("k80", "k155", "k156", "k458"),
    "beethoven": (
        "opus18no1", "opus18no3", "opus18no4", "opus18no5", "opus59no1",
        "opus59no2", "opus59no3", "opus74", "opus132", "opus133",
    ),
}  # fmt: skip
NO_CHORALE = ("bwv846",)  # a prelude
# Numbers in the heads of two analyses -> names of their scores.
RENUMBERED = {"248(2).12": "248.12-2", "41.6s": "41.6"}
TUNE = re.compile(r"^X:\s*(\d+)", re.MULTILINE)
METER_FIELD = re.compile(r"^M:\s*([^\s\]%]+)|\[M:\s*([^\s\]]+)\]", re.M)
METER_SIGNS = {"C": "4/4", "C|": "2/2"}


@dataclass(frozen=True)
class Entry:
    """Where a piece is."""

    name: str
    collection: str
    composer: str
    path: Path
    number: int | None = None  # of a tune in a file of several
    analysis: Path | None = None  # roman numerals


def names(collection: str | None = None) -> tuple[str, ...]:
    """Names of the pieces of a collection, or of all.

    Args:
        collection: "chorales" (Bach), "tunes" (O'Neill's Music of
            Ireland, Ryan's Mammoth Collection) or "quartets"
            (movements by Haydn, Mozart and Beethoven).

    Raises:
        ValueError: no such collection.

    >>> names("quartets")[:2]
    ('beethoven-opus132', 'beethoven-opus133')
    """
    if collection is None:
        chosen = COLLECTIONS
    elif collection in COLLECTIONS:
        chosen = (collection,)
    else:
        raise ValueError(unknown("collection", collection, COLLECTIONS))
    return tuple(name for c in chosen for name in _catalogue(c))


def load(name: str) -> Score:
    """A piece as tables.

    Ties are merged, grace notes left out, and repeats not expanded:
    the piece as written, first and second endings one after the other.

    Raises:
        ValueError: no such piece; the message says which are near.

    >>> load("bwv66.6").parts
    ('Soprano', 'Alto', 'Tenor', 'Bass')
    """
    entry = _entry(name)
    text = _source(entry)
    key = cache.key(
        repr((entry.name, entry.collection, entry.composer)),
        text,
        entry.analysis.read_bytes() if entry.analysis else b"",
        *(Path(__file__).with_name(f).read_bytes()
          for f in ("library.py", "parsing.py", "tables.py")),
        version("music21"),
    )  # fmt: skip
    score = _unpacked(cache.read(key))
    if score is None:
        score = _parsed(entry, text)
        cache.write(key, _packed(score))
    return score


def _entry(name: str) -> Entry:
    for collection in COLLECTIONS:
        if entry := _catalogue(collection).get(name):
            return entry
    raise ValueError(unknown("piece", name, names(), see="names()"))


@once
def _catalogue(collection: str) -> dict[str, Entry]:
    """Name -> entry; listing the folders takes longer than a piece."""
    return {entry.name: entry for entry in _CATALOGUES[collection]()}


def _corpus() -> Path:
    found = importlib.util.find_spec("music21")
    if found is None:
        raise ImportError("the scores come with music21: install it")
    return Path(found.origin).parent / "corpus"


def _chorales() -> list[Entry]:
    analyses = _analyses()
    return [
        Entry(
            path.stem,
            "chorales",
            "Johann Sebastian Bach",
            path,
            analysis=analyses.get(path.stem),
        )
        for path in sorted((_corpus() / "bach").glob("bwv*"))
        if path.suffix in (".mxl", ".xml")
        and path.stem not in NO_CHORALE
    ]


def _analyses() -> dict[str, Path]:
    """Analysed chorales, by the number in the file's head."""
    folder = _corpus() / "bach" / "choraleAnalyses"
    found = {}
    for path in sorted(folder.glob("*.rntxt")):
        number = re.search(r"^BWV:\s*(\S+)", path.read_text(), re.M)
        if number:
            bwv = RENUMBERED.get(number[1], number[1])
            found["bwv" + bwv] = path
    return found


def _tunes() -> list[Entry]:
    found = {}
    for path in sorted((_corpus() / "oneills1850").glob("*.abc")):
        for number in map(int, TUNE.findall(path.read_text("utf-8"))):
            name = f"oneill-{number:04d}"
            entry = Entry(name, "tunes", "", path, number)
            found.setdefault(name, entry)  # the first transcription
    for path in sorted((_corpus() / "ryansMammoth").glob("*.abc")):
        name = f"ryan-{path.stem}"
        found[name] = Entry(name, "tunes", "", path)
    return [found[name] for name in sorted(found)]


def _quartets() -> list[Entry]:
    found = []
    for composer, works in sorted(QUARTETS.items()):
        for work in sorted(works):
            place = _corpus() / composer / work
            if place.is_dir():
                found += [
                    Entry(
                        f"{composer}-{work}-{path.stem[-1]}",
                        "quartets",
                        composer.capitalize(),
                        path,
                    )
                    for path in sorted(place.glob("movement*.mxl"))
                ]
            else:
                path = place.with_name(work + ".mxl")
                name = f"{composer}-{work}"
                found.append(
                    Entry(name, "quartets", composer.capitalize(), path)
                )
    return found


_CATALOGUES = {
    "chorales": _chorales,
    "tunes": _tunes,
    "quartets": _quartets,
}


def _source(entry: Entry) -> bytes:
    """The piece's own text: of several tunes in a file, the one."""
    if entry.number is None:
        return entry.path.read_bytes()
    text = entry.path.read_text("utf-8")
    starts = list(TUNE.finditer(text))
    ends = [m.start() for m in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=True):
        if int(match[1]) == entry.number:
            return text[match.start() : end].encode()
    raise LookupError(entry)


def _parsed(entry: Entry, text: bytes) -> Score:
    from dla.scores import parsing

    if entry.collection == "tunes":
        tune = text.decode("utf-8")
        found = parsing.tables(
            parsing.abc(tune),
            written_meters=_written_meters(tune),
            printed_numbers=False,
            key_annotated=True,
        )
    else:
        found = parsing.tables(parsing.musicxml(str(entry.path)))
    chords = np.empty(0, CHORD)
    if entry.analysis:
        analysis = parsing.roman(entry.analysis.read_text("utf-8"))
        chords = parsing.chords(analysis, found["bars"], found["notes"])
        if not found["title"]:
            found["title"] = parsing.title(analysis)
    return Score(
        name=entry.name,
        collection=entry.collection,
        chords=chords,
        composer=entry.composer,
        **{**found, "title": found["title"] or entry.name},
    )


def _written_meters(tune: str) -> list[str]:
    """The time signatures that an ABC text names.

    >>> _written_meters("X: 1\\nM: C|\\nK: G\\nAB[M:3/4]c")
    ['2/2', '3/4']
    """
    fields = [a or b for a, b in METER_FIELD.findall(tune)]
    return [METER_SIGNS.get(field, field) for field in fields]


def _packed(score: Score) -> bytes:
    words = {
        name: getattr(score, name)
        for name in ("name", "title", "composer", "collection", "parts")
    }
    words["key"] = asdict(score.key)
    stream = io.BytesIO()
    tables = {name: getattr(score, name) for name in TABLES}
    np.savez(stream, words=np.array(json.dumps(words)), **tables)
    return stream.getvalue()


def _unpacked(content: bytes | None) -> Score | None:
    if content is None:
        return None
    with np.load(io.BytesIO(content)) as stored:
        words = json.loads(str(stored["words"]))
        tables = {name: stored[name] for name in TABLES}
    words["key"] = Key(**words["key"])
    words["parts"] = tuple(words["parts"])
    return Score(**words, **tables)
