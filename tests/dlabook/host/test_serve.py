"""Serving: built at first, and again when a source changed."""

import gzip
import urllib.request

import watchfiles

from dlabook.host.serve import WATCHED, serve


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
