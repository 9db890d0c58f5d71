"""Serving: built at first, and again when a source changed."""

import gzip
import socket
import urllib.request

import pytest
import watchfiles

from dlabook.host import serve as module
from dlabook.host.serve import WATCHED, Rebuilder, serve
from dlabook.site import build as site_module


def fetched(address: str) -> bytes:
    return gzip.decompress(urllib.request.urlopen(address).read())


def test_what_changed_is_rebuilt_while_the_site_is_served(tmp_path, monkeypatch, capsys):
    site = tmp_path / "_build" / "html"
    site.mkdir(parents=True)
    builds = []

    def rebuild() -> int:
        builds.append(len(builds))
        (site / "index.html").write_text(f"build {len(builds)}")
        return 0

    def changes(*places, **_):
        assert [place.name for place in places] == list(WATCHED)
        base = capsys.readouterr().out.split()[1].rstrip(",")
        assert fetched(f"{base}index.html") == b"build 1"
        yield {(1, "a"), (1, "b")}
        assert fetched(f"{base}index.html") == b"build 2"

    monkeypatch.setattr(watchfiles, "watch", changes)
    assert serve(tmp_path, rebuild, port=0) == 0
    assert builds == [0, 1]
    assert "2 files changed" in capsys.readouterr().out


def test_a_port_that_is_taken_is_one_sentence_before_anything_is_built(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve(tmp_path, lambda: pytest.fail("built"), port=port) == 2
    assert capsys.readouterr().err == (
        f"dlabook: port {port} of 127.0.0.1: Address already in use; "
        f"another one is `make serve PORT={port + 1}`\n"
    )


def test_a_site_that_another_build_left_is_not_built_upon(tmp_path):
    rebuild = Rebuilder(tmp_path, 1)
    site = tmp_path / "_build" / "html" / "index.html"
    site_module.write_whole(site, "1")
    site_module.seal(tmp_path, "a", "b")
    rebuild.left = module.sealed(tmp_path)
    assert rebuild.is_its_own()
    site.write_text("12")
    assert not rebuild.is_its_own()
    site_module.seal(tmp_path, "a", "b")
    assert not rebuild.is_its_own()


def test_a_process_stays_while_what_is_in_every_page_does(tmp_path, monkeypatch):
    done = []

    class Stays:
        def __init__(self, root, jobs):
            done.append("start")

        def build(self):
            done.append("again")
            return True

        def close(self):
            done.append("end")

    works = iter([False, True, True])
    frame = ["a"]
    monkeypatch.setattr(module, "Resident", Stays)
    monkeypatch.setattr(module, "frame_key", lambda root: frame[0])
    monkeypatch.setattr(module, "executable_chapters", lambda root: [])
    monkeypatch.setattr(module, "execute", lambda chapters, jobs: [])
    monkeypatch.setattr(module, "sealed", lambda root: [])
    monkeypatch.setattr(module, "build", lambda root, jobs: done.append("whole") or next(works))
    rebuild = Rebuilder(tmp_path, 1)
    assert rebuild() == 1
    assert done == ["whole"]  # nothing to go on from
    assert [rebuild(), rebuild()] == [0, 0]
    assert done[1:] == ["whole", "start", "again"]
    frame[0] = "b"
    assert rebuild() == 0
    rebuild.close()
    assert done[4:] == ["end", "whole", "start", "end"]
