"""A package of npm is found where it lies, with its version."""

import json

from dla import packages


def test_a_package_is_found_in_node_path_with_its_version(tmp_path, monkeypatch):
    folder = tmp_path / "@somebody" / "thing"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": "1.2.3"}))
    monkeypatch.setenv("NODE_PATH", str(tmp_path))
    assert packages.node_folder("@somebody/thing") == folder
    assert packages.node_version("@somebody/thing") == "1.2.3"


def test_what_is_not_there_has_no_version(tmp_path, monkeypatch):
    monkeypatch.setenv("NODE_PATH", str(tmp_path))
    assert packages.node_version("@somebody/thing") is None
