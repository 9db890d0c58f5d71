"""The server of the tests: this machine only, the site's own 404, ranges for sounds."""

import gzip
import os
import urllib.error
import urllib.request

import pytest

from dlabook.host.browser import Server, compressed


@pytest.fixture
def server(tmp_path):
    (tmp_path / "a.html").write_text("<p>a</p>")
    (tmp_path / "404.html").write_text("nothing here")
    (tmp_path / "s.mp3").write_bytes(bytes(range(100)))
    server = Server(tmp_path)
    yield server
    server.shutdown()


def body(answer) -> bytes:
    assert answer.headers["Content-Encoding"] == "gzip"
    return gzip.decompress(answer.read())


def test_it_is_reached_on_this_machine_only(server):
    assert server.base.startswith("http://127.0.0.1:")


def test_a_file_is_served_and_what_is_missing_is_the_sites_404(server):
    assert body(urllib.request.urlopen(f"{server.base}a.html")) == b"<p>a</p>"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{server.base}gone.html")
    assert (error.value.code, body(error.value)) == (404, b"nothing here")


def test_nothing_outside_the_site_is_served(server, tmp_path):
    (tmp_path.parent / "secret.txt").write_text("x")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{server.base}%2e%2e/secret.txt")
    assert error.value.code == 404


def test_a_compressed_file_is_made_anew_when_it_changed(tmp_path):
    path = tmp_path / "a.css"
    path.write_text("one")
    first = compressed(path)
    path.write_text("two")
    os.utime(path, ns=(1, 1))
    assert gzip.decompress(first) == b"one"
    assert gzip.decompress(compressed(path)) == b"two"
