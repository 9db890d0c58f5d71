"""The built site in headless Chromium: a static host on this machine, and what a page weighs."""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Playwright's own list (a second one replaces it), and the pages that Chromium prepares in each new
# window for its address bar, which no test opens: half a second of CPU a window.
# RenderDocument gives each load of a page a new frame. Where Chromium itself is slow (on a loaded
# machine), the first script of a page from the disk can get a localStorage connected to nothing:
# it reads as empty, and what is written no reload and no other tab sees. No error says so.
WITHOUT = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "RenderDocument",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    f"--disable-features={','.join(WITHOUT)}",
]
COMPRESSED = (".html", ".css", ".js", ".svg", ".json", ".inv", ".txt")


# The rule "region" is moderate, so never among these, and a fifth of the work. Style sheets and
# sounds would be loaded again, another fifth, for two rules: one is experimental and off, the other
# moderate.
SERIOUS = """
async ([only, within]) => {
  const rules = only.length ? {runOnly: only} : {rules: {region: {enabled: false}}};
  const place = within.length ? {include: within.map(selector => [selector])} : document;
  const found = await axe.run(place, {resultTypes: ["violations"], preload: false, ...rules});
  return found.violations.filter(v => ["serious", "critical"].includes(v.impact)).flatMap(
    v => v.nodes.map(n => `axe ${v.id}: ${n.target.join(" ")}`));
}
"""


def find_chromium() -> str | None:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, filter(None, names))), None)


def launch(playwright):
    """Headless Chromium that reaches no host but 127.0.0.1."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)


def axe_findings(
    tab, root: Path, only: Sequence[str] = (), *, within: Sequence[str] = ()
) -> list[str]:
    """What axe-core finds serious or critical in a tab's page as it is now.

    Args:
        tab: of Playwright.
        root: the book's root.
        only: names of rules; all, if there are none.
        within: selectors; the whole page, if there are none.
    """
    if not tab.evaluate("'axe' in window"):
        tab.evaluate((root / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
    return tab.evaluate(SERIOUS, [list(only), list(within)])


def compressed(path: Path) -> bytes:
    """A file as a static host sends it; kept until the file changes."""
    return _compressed(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=512)
def _compressed(path: Path, changed: int) -> bytes:
    return gzip.compress(path.read_bytes())


class Handler(http.server.BaseHTTPRequestHandler):
    """As a static host: compresses text, answers what is missing with 404.html."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(send_body=True)

    def do_HEAD(self):
        self.answer(send_body=False)

    def answer(self, *, send_body: bool):
        address = unquote(urlsplit(self.path).path)
        prefix = self.server.prefix
        inside = address.startswith(prefix)
        path = self.server.site / address.removeprefix(prefix).lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        inside = inside and path.resolve().is_relative_to(self.server.site.resolve())
        status = 200 if inside and path.is_file() else 404
        path = path if status == 200 else self.server.site / "404.html"
        body = b"" if not path.is_file() else path.read_bytes()
        types = self.server.types
        self.send_response(status)
        self.send_header("Content-Type", types.get(path.suffix, "application/octet-stream"))
        if path.suffix in COMPRESSED and body:
            body = compressed(path)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if send_body:
            self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    types = {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css",
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".mp3": "audio/mpeg",
        ".woff": "font/woff",
        ".woff2": "font/woff2",
        ".json": "application/json",
    }

    def __init__(self, site: Path, prefix: str = "/", port: int = 0):
        super().__init__(("127.0.0.1", port), Handler)
        self.site, self.prefix = site, prefix
        self.base = f"http://127.0.0.1:{self.server_address[1]}{prefix}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


def count_bytes(context, tab) -> dict[str, int]:
    received: dict[str, int] = {}
    protocol = context.new_cdp_session(tab)
    protocol.send("Network.enable")
    protocol.on(
        "Network.loadingFinished",
        lambda event: received.update({event["requestId"]: event["encodedDataLength"]}),
    )
    return received


def weigh(site: Path, pages: list[str]) -> dict[str, int]:
    """Bytes that each page transfers, compressed, on a cold cache, scrolled to its end.

    Sounds are not played. Empty if this machine has no Chromium.
    """
    if find_chromium() is None:
        return {}
    from playwright.sync_api import sync_playwright

    server, weights = Server(site), {}
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        for page in pages:
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            tab = context.new_page()
            received = count_bytes(context, tab)
            tab.goto(server.base + page, wait_until="load")
            tab.evaluate(SCROLL_TO_THE_END)
            tab.wait_for_load_state("networkidle")
            weights[page] = sum(received.values())
            context.close()
        chromium.close()
    server.shutdown()
    return weights


SCROLL_TO_THE_END = """
async () => {
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y);
    await new Promise(done => setTimeout(done, 20));
  }
}
"""
