"""What a stranger's machine would trip over: locks, licences, versions, paths, addresses."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from places import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def tracked() -> list[Path]:
    """The files of the repository: tracked, and new ones that are not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        pytest.skip("not a git checkout")
    return [path for name in result.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_everything_that_the_packages_need_is_locked():
    project = PYPROJECT["project"]
    needed = project["dependencies"] + project["optional-dependencies"]["book"]
    missing = {normal(name_of(n)) for n in needed} - {normal(name) for name in locked()}
    assert missing == set()


def test_the_lock_pins_versions_and_nothing_else():
    assert all(re.fullmatch(r"[\w.!]+", version) for version in locked().values())
    assert locked()["torch"] == "2.13.0"


def test_no_download_address_is_in_a_lock():
    assert "http" not in (ROOT / "requirements.txt").read_text()
    assert '"resolved": "http' not in (ROOT / "package-lock.json").read_text()


def test_citation_and_package_agree_on_the_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PYPROJECT["project"]["version"]
    assert f"## {citation['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_no_package_shadows_the_standard_library():
    assert not (ROOT / "code" / "__init__.py").exists()


def test_nothing_generated_is_tracked():
    parts = {"_build", "node_modules", ".venv", "__pycache__", ".ipynb_checkpoints"}
    assert [path for path in tracked() if parts & set(path.relative_to(ROOT).parts)] == []


def test_no_path_of_a_machine_is_in_a_file():
    pattern = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|tmp/\w+)/")
    own = Path(__file__)
    for path in tracked():
        if (
            path.suffix in {".md", ".py", ".yml", ".toml", ".txt", ".json", ".cff", ""}
            and path != own
        ):
            text = path.read_text(encoding="utf8", errors="ignore")
            assert not pattern.search(text), path.relative_to(ROOT)


def test_make_alone_lists_every_target_with_a_line():
    result = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^make (\w+)\s+\S", result.stdout, re.M))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    assert listed == targets
    wanted = {"book", "test", "accept", "serve", "chapter", "benchmark", "lint", "clean"}
    assert wanted <= listed


def test_ci_runs_the_readme_s_test_command():
    assert "make test" in (ROOT / "README.md").read_text()
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("exec make test")


def test_too_old_a_python_gets_one_sentence(tmp_path):
    script = (ROOT / "tools" / "set_up.py").read_text().replace("(3, 11)", "(9, 0)")
    (tmp_path / "set_up.py").write_text(script)
    result = subprocess.run(
        [sys.executable, str(tmp_path / "set_up.py"), str(tmp_path / "venv")],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("The book needs Python 9.0 or newer, but ")
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "venv").exists()


def test_a_failed_download_gets_one_sentence(tmp_path):
    (tmp_path / "requirements.txt").write_text("no-such-package==1\n")
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "set_up.py"
    script.write_text((ROOT / "tools" / "set_up.py").read_text())
    result = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "venv")],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"},
    )
    assert result.returncode == 1
    assert "The packages could not be installed" in result.stderr.splitlines()[-1]
