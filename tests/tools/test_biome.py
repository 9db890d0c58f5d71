"""Scripts and styles are held to one format and to Biome's rules."""

import shutil

import biome
import pytest
from places import ROOT

SCRIPT = "code/dlabook/site/static/book.js"


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """A folder with one script of the site, which may be spoilt."""
    for name in ("biome.jsonc", SCRIPT):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    monkeypatch.setattr(biome, "ROOT", tmp_path)
    return tmp_path


def test_a_healthy_script_passes(scripts):
    assert biome.main(["check"]) == 0


@pytest.mark.parametrize(
    "fault", ["const  wide =   1;\n", "const unused = 1;\n", "if (isNaN(history)) stop();\n"]
)
def test_a_fault_of_format_or_sense_is_found(fault, scripts):
    """The last two are only warnings of Biome's; they count."""
    (scripts / SCRIPT).write_text(f"(() => {{\n  {fault}}})();\n")
    assert biome.main(["check"]) == 1


def test_writing_mends_the_format(scripts):
    (scripts / SCRIPT).write_text("stop( 1 )\n")
    assert biome.main(["check", "--write"]) == 0
    assert (scripts / SCRIPT).read_text() == "stop(1);\n"


def test_npm_s_lock_names_no_registry():
    assert "://" not in "".join(
        line
        for line in (ROOT / "package-lock.json").read_text().splitlines()
        if '"resolved"' in line
    )
