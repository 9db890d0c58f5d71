"""Who may import whom, and where the test of each module is."""

import ast
import re
from pathlib import Path

import pytest
from places import ROOT

CODE = ROOT / "code"
GROUND = {
    "units",
    "signals",
    "plot",
    "train",
    "sonify",
    "sing",
    "cache",
    "names",
    "checks",
    "diagrams",
}
# Room -> the rooms that it may import beside its own; `dlabook` along the way of a page.
DLA = dict.fromkeys(GROUND, GROUND) | {
    "spectral": GROUND,
    "alignment": GROUND,
    "acoustics": GROUND,
    "coding": GROUND,
    "datasets": GROUND,
    "scores": GROUND,
    "losses": GROUND | {"spectral"},
    "measures": GROUND | {"spectral", "losses"},
    "models": GROUND | {"spectral"},
    "decoders": GROUND | {"spectral"},
    "protocol": GROUND,
    "reference": GROUND | {"measures", "spectral"},
}
DLA["chapters"] = GROUND | set(DLA)
SOURCE = {"source"}
OUTPUT = SOURCE | {"output"}
RUN = OUTPUT | {"run"}
SITE = RUN | {"site"}
DLABOOK = {
    "source": set(),
    "output": SOURCE,
    "run": OUTPUT,
    "site": RUN,
    "reader": SITE,
    "paper": SITE | {"reader"},
    "host": SITE | {"reader", "paper"},
    "pipeline": {"site", "reader"},
    "__main__": {"source", "run", "site", "reader", "paper", "host"},
    "__init__": {"output"},
}
MODULES = sorted(path.relative_to(CODE) for path in CODE.rglob("*.py"))


def rooms_imported(path: Path) -> set[tuple[str, str]]:
    """(package, room) of what a module imports of the book's two packages."""
    names = set()
    for node in ast.walk(ast.parse((CODE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    parts = [name.split(".") for name in names]
    return {(p[0], p[1]) for p in parts if p[0] in ("dla", "dlabook") and len(p) > 1}


def room(path: Path) -> str:
    return path.parts[1].removesuffix(".py")


@pytest.mark.parametrize("path", [p for p in MODULES if len(p.parts) > 1], ids=str)
def test_a_module_imports_only_what_its_room_may(path):
    package, own = path.parts[0], room(path)
    allowed = (DLA if package == "dla" else DLABOOK).get(own)
    assert allowed is not None or own == "__init__", f"{own}: a room without a rule"
    others = rooms_imported(path) - {(package, own)}
    if path == Path("dlabook/output/score.py"):
        others.remove(("dla", "scores"))  # what it draws
    assert others <= {(package, r) for r in allowed or ()}, f"{path} may not import these"


def test_a_chapter_s_room_knows_no_other_chapter_s():
    for path in MODULES:
        if path.parts[:2] == ("dla", "chapters") and len(path.parts) > 3:
            text = (CODE / path).read_text(encoding="utf-8")
            found = set(re.findall(r"^\s*from dla\.chapters\.(\w+)", text, re.MULTILINE))
            assert found <= {path.parts[2]}, path


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.stem not in ("__init__", "__main__")], ids=str
)
def test_a_module_has_its_test_at_the_mirrored_path(path):
    assert (ROOT / "tests" / path.parent / f"test_{path.name}").exists()
