"""What tests in headless Chromium share: the browser, and the built site, served and as files."""

from pathlib import Path

import pytest

from dlabook.host.browser import Server, find_chromium, launch

SITE = Path(__file__).parents[1] / "_build" / "html"


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
