"""What tests share: headless Chromium, the built site, served and as files; and the two cores."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from dlabook.host.browser import Server, find_chromium, launch

BUILD = Path(__file__).parents[1] / "_build"
SITE = BUILD / "html"
# What librosa has compiled while the chapters ran: 12 CPU s for its first function alone.
os.environ.setdefault("NUMBA_CACHE_DIR", str(BUILD / "numba"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share the tests out to the workers; the shares with most tests come first.

    A file is one share, so that what its tests have in common is made once;
    the files of the small book in print have a folder's in common, those of
    studies what is trained and tested on. Each visit
    of a page in the browser is a share of its own: a page costs seconds, and
    single ones fill both cores to the end. The one long test that runs all
    examples of the library goes with the file of most tests, to start early.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Shares(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            if test.startswith("test_page_in_a_browser["):
                return nodeid
            if file == "tests/test_examples.py":
                return "tests/dla/test_inputs.py"
            if file.startswith("tests/dla/") and file.endswith("_study.py"):
                return "studies"
            return str(Path(file).parent) if "/paper/" in file else file

    return Shares(config, log)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium; without it on this machine, the tests that ask for it are skipped.

    One a module, not one a session: as long as Playwright runs, its event
    loop does, and other tests could start none of their own.
    """
    if find_chromium() is None:
        pytest.skip("no Chromium on this machine: what a reader sees was not tested")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def served():
    """Address of the built site on a server of this machine."""
    server = Server(SITE)
    yield server.base
    server.shutdown()


@pytest.fixture(params=["served", "file"])
def base(request):
    """Address of the built site, on a server and from the disk."""
    return request.getfixturevalue("served") if request.param == "served" else f"{SITE.as_uri()}/"


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory):
    """The library keeps what it makes in a folder of the module's own, empty at first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLA_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch):
    """The library keeps what it makes in a folder of the test's own, empty at first."""
    monkeypatch.setenv("DLA_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def cpu_seconds():
    """How long a call takes on one thread: processor time, the best of five."""

    def measure(call: Callable[[], object]) -> float:
        times = []
        for _ in range(5):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
        return min(times)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield measure
    torch.set_num_threads(threads)
