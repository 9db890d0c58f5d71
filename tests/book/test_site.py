"""The built site as a reader meets it: on a phone, in the dark, offline, with a screen reader.

Every page of ``_build/html`` is read twice: as a file (links, ids, pictures,
mathematics, weight) and in headless Chromium, where no host but 127.0.0.1
can be reached. `test_a_fault_is_found` shows that each kind of fault would
be noticed.
"""

import functools
import gzip
import os
import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from places import ROOT, SITE

from dlabook.host.browser import Server, axe_findings, count_bytes

HTML_LIMIT = 60 * 1024  # bytes, compressed
PAGE_LIMIT = 1_000_000  # bytes, compressed, cold cache, sounds unplayed
DESKTOP, NARROW = {"width": 1280, "height": 900}, 390  # px
TALL = {"width": 1280, "height": 5400}  # px: a long page passes by in seven looks, not in eighty
WIDTHS = (1920, 768, NARROW)  # px, after the desktop's


def html_pages(site: Path) -> list[str]:
    return sorted(
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if path.relative_to(site).parts[0] not in ("_static", "_sources")
    )


every_page = pytest.mark.parametrize("page", html_pages(SITE))


def test_the_site_is_built():
    assert (SITE / "book" / "index.html").exists(), "no site in _build/html: run `make book`"


# ---------------------------------------------------------------- pages as files


class Page(HTMLParser):
    """What a page refers to, and what it contains."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.assets: list[str] = []
        self.images: list[dict] = []
        self.formulas = self.typeset = 0
        self.mathml: set[str] = set()  # attributes in it
        self.in_mathml = False
        self.is_redirect = False
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        classes = attrs.get("class", "").split()
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if tag != "input" and "src" in attrs:
            self.assets.append(attrs["src"])
        if tag == "link" and re.search("stylesheet|icon|preload", attrs.get("rel", "")):
            self.assets.append(attrs["href"])
        if tag == "img":
            self.images.append(attrs)
        if tag == "script":
            self.scripts.append(attrs.get("src", ""))
        if tag == "meta" and attrs.get("http-equiv", "").lower() == "refresh":
            self.is_redirect = True
        self.in_mathml |= tag == "math"
        if self.in_mathml:
            self.mathml |= set(attrs) - ({"xmlns"} if tag == "math" else set())
        self.formulas += "math" in classes and tag in ("span", "div")
        self.typeset += "katex-mathml" in classes

    def handle_endtag(self, tag):
        if tag == "math":
            self.in_mathml = False


@functools.cache
def read(site: Path, page: str) -> Page:
    return Page((site / page).read_text(encoding="utf-8"))


def local_target(reference: str, page: str) -> tuple[str, str] | None:
    """File and anchor that a reference of a page means; None if it leaves the site."""
    parts = urlsplit(reference.strip())
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    if not path:
        path = page
    elif path.startswith("/"):
        path = path[1:]
    else:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
    if path in ("", ".") or path.endswith("/"):
        path = posixpath.join(path, "index.html")
    return path, unquote(parts.fragment)


def broken_references(site: Path, page: str) -> list[str]:
    faults = []
    content = read(site, page)
    for reference in sorted({*content.links, *content.assets}):
        target = local_target(reference, page)
        if target is None:
            continue
        path, anchor = target
        if not (site / path).is_file():
            faults.append(f"missing file: {reference}")
        elif anchor and path.endswith(".html") and anchor not in read(site, path).ids:
            faults.append(f"missing anchor: {reference}")
    return faults


def third_party_assets(site: Path, page: str) -> list[str]:
    return [
        f"asset of another host: {asset}"
        for asset in read(site, page).assets
        if re.match(r"(https?:)?//", asset)
    ]


def duplicate_ids(site: Path, page: str) -> list[str]:
    ids = read(site, page).ids
    return [f"duplicate id: {name}" for name in sorted({i for i in ids if ids.count(i) > 1})]


def weak_alternatives(site: Path, page: str) -> list[str]:
    """Images whose alternative text is missing, a file's name, or says only that it is one."""
    faults = []
    for image in read(site, page).images:
        alt = image.get("alt", "").strip()
        name = posixpath.basename(image.get("src", ""))
        empty_words = r"(image|figure|fig|picture|photo|alt|output|plot)\W*\d*"
        if (
            len(alt) < 3
            or alt in (name, name.rpartition(".")[0])
            or re.search(r"\.(png|svg|jpe?g|gif|webp)$", alt, re.IGNORECASE)
            or re.fullmatch(empty_words, alt, re.IGNORECASE)
        ):
            faults.append(f"alternative text {alt!r}: {name}")
    return faults


def inlined_sounds(site: Path, page: str) -> list[str]:
    return ["inlined sound" for asset in read(site, page).assets if asset.startswith("data:audio")]


def untypeset_mathematics(site: Path, page: str) -> list[str]:
    content = read(site, page)
    faults = [
        f"mathematics by script: {script}"
        for script in content.scripts
        if re.search("mathjax|katex", script, re.IGNORECASE)
    ]
    if content.formulas != content.typeset:
        faults.append(f"mathematics: {content.formulas} formulas, {content.typeset} typeset")
    faults += [
        f"attribute in mathematics: {name}"
        for name in sorted(content.mathml - {"display", "mathvariant", "linethickness"})
    ]
    return faults


def heavy_html(site: Path, page: str) -> list[str]:
    size = len(gzip.compress((site / page).read_bytes()))
    return [f"HTML of {size} bytes, compressed"] if size > HTML_LIMIT else []


def file_faults(site: Path, page: str) -> list[str]:
    checks = (
        broken_references,
        third_party_assets,
        duplicate_ids,
        weak_alternatives,
        inlined_sounds,
        untypeset_mathematics,
        heavy_html,
    )
    return [fault for check in checks for fault in check(site, page)]


@every_page
def test_page_as_a_file(page):
    assert file_faults(SITE, page) == []


def test_every_file_named_in_a_stylesheet_exists():
    missing = []
    for style in SITE.rglob("*.css"):
        for url in re.findall(r"url\(\s*['\"]?([^'\")]+)", style.read_text(encoding="utf-8")):
            path = urlsplit(url).path
            if not re.match(r"data:|https?:|#", url) and not (style.parent / path).exists():
                missing.append(f"{style.relative_to(SITE)}: {url}")
    assert missing == []


def test_every_style_of_a_formula_has_a_rule():
    """Fractions, roots and sums are drawn by styles that one sheet has for all pages."""
    sheet = (SITE / "_static/katex/katex.min.css").read_text(encoding="utf-8")
    rules = set(re.findall(r"^\.katex \.katex-html \.(k[0-9a-f]{6})\{", sheet, re.MULTILINE))
    used = {
        name
        for page in html_pages(SITE)
        for name in re.findall(
            r'class="[^"]*\b(k[0-9a-f]{6})\b', (SITE / page).read_text(encoding="utf-8")
        )
    }
    assert len(used) > 100
    assert used == rules


def test_a_word_of_a_listing_has_the_colours_of_its_class():
    """So axe judges one word of each class; a word's place and neighbours change nothing."""
    selectors = [
        selector.strip()
        for sheet in SITE.rglob("_static/**/*.css")
        for rule in re.findall(r"([^{}]+)\{", sheet.read_text(encoding="utf-8"))
        for selector in re.sub(r"/\*.*?\*/", "", rule, flags=re.DOTALL).split(",")
    ]
    words = [s for s in selectors if re.search(r"\.highlight\b.*\s\.[a-z0-9]{1,3}$", s)]
    assert len(words) > 100
    about = re.compile(r"(\.highlight\b|\bpre\b).*(\bspan|[\s+~>]\.[a-z0-9]{1,3}\b)")
    assert [
        s for s in selectors if about.search(s) and re.search(r"[+~]|:(nth|first|last)", s)
    ] == []


def test_every_sound_and_figure_is_used():
    used = {
        local_target(asset, page)[0]
        for page in html_pages(SITE)
        for asset in read(SITE, page).assets
        if local_target(asset, page)
    }
    files = {
        path.relative_to(SITE).as_posix()
        for folder in ("_sounds", "_figures")
        for path in (SITE / folder).glob("*")
    }
    assert files - used == set()
    scripts = {path.stem for path in (SITE / "_sound_scripts").glob("*.js")}
    assert scripts == {path.stem for path in (SITE / "_sounds").glob("*.mp3")}


# ---------------------------------------------------------------- pages in a browser


# What passes the right edge without a scroller of its own, and how far the page scrolls.
TOO_WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  const scrolls = e => {
    for (let p = e; p && p !== document.body; p = p.parentElement)
      if (/auto|scroll/.test(getComputedStyle(p).overflowX)
          && p.getBoundingClientRect().right <= width + 1) return true;
    return false;
  };
  const faults = [];
  const sideways = document.documentElement.scrollWidth - width;
  if (sideways > 0) faults.push(`scrolls sideways by ${sideways} px`);
  for (const e of document.querySelectorAll("main *")) {
    const box = e.getBoundingClientRect();
    if (box.width > 0 && box.right > width + 1 && !scrolls(e)
        && !e.closest(".bd-sidebar-secondary, .katex-mathml, svg, .visually-hidden"))
      faults.push(`cut off at the right edge: ${e.tagName.toLowerCase()} ${e.className}`);
  }
  return faults.slice(0, 8);
}
"""
# What a box of the article cuts, or lets pass its edge; and boxes that scroll sideways without a
# shade at the edge, or out of reach of the keyboard.
CLIPPED = """
() => {
  const article = document.querySelector(".bd-article") ?? document.querySelector("main");
  if (!article) return [];
  const { right } = article.getBoundingClientRect();
  const faults = [], name = e => `${e.tagName.toLowerCase()} ${e.className}`;
  const inside = e => {
    for (let p = e.parentElement; p !== article; p = p.parentElement)
      if (getComputedStyle(p).overflowX !== "visible") return true;
    return false;
  };
  for (const e of article.querySelectorAll("*")) {
    const box = e.getBoundingClientRect();
    if (!box.width || e.closest(".katex-mathml, svg, .visually-hidden, .sr-only, .headerlink"))
      continue;
    if (box.right > right + 1 && !inside(e)) faults.push(`passes the article's edge: ${name(e)}`);
    if (e.clientWidth < 8 || e.scrollWidth <= e.clientWidth + 1) continue;
    const { overflowX, backgroundAttachment } = getComputedStyle(e);
    if (/hidden|clip/.test(overflowX)) faults.push(`clipped: ${name(e)}`);
    if (!/auto|scroll/.test(overflowX)) continue;
    if (!backgroundAttachment.includes("local")) faults.push(`scrolls without a sign: ${name(e)}`);
    if (e.tabIndex < 0) faults.push(`no keyboard scrolls it: ${name(e)}`);
  }
  return faults.slice(0, 8);
}
"""
UNSEEN_FIGURES = """
() => [...document.querySelectorAll(".book-figure")].flatMap(figure => {
  const shown = [...figure.querySelectorAll("img")].filter(i => i.getClientRects().length);
  const caption = figure.closest("figure")?.querySelector("figcaption");
  const faults = [];
  if (shown.length !== 1) faults.push(`figure: ${shown.length} pictures shown`);
  for (const i of shown) if (!i.complete || !i.naturalWidth) faults.push("figure: not drawn");
  if (caption && !caption.getClientRects().length) faults.push("figure: caption hidden");
  return faults;
})
"""
SCROLL_THROUGH = """
async () => {
  document.querySelectorAll("details").forEach(d => d.open = true);
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight * 0.9) {
    scrollTo(0, y);
    await new Promise(done => requestAnimationFrame(() => setTimeout(done, 15)));
  }
  scrollTo(0, 0);
}
"""
# A page hears of another theme in the next frame, and shows other pictures in the one after.
ALL_PICTURES = """
async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const pictures = [...document.images].filter(i => i.getClientRects().length);
  for (const i of pictures) i.loading = "eager";
  await Promise.all(pictures.map(i => i.complete && i.naturalWidth || new Promise(done => {
    i.onload = i.onerror = done;
    setTimeout(done, 5000);
  })));
}
"""


# What axe would judge a second time, or not at all; its work grows with the nodes of a page.
# What is seen of a formula is hidden from screen readers, and what they read of it, the MathML, is
# not seen and has no attribute that a rule is about (`untypeset_mathematics` looks). Of a
# listing's words that have the same class and nothing else, the first has the colours of all:
# the others are left as text, so that the listing keeps its size.
DROP_WHAT_AXE_HAS_SEEN = """
() => {
  const again = [];
  for (const listing of document.querySelectorAll("pre")) {
    const seen = new Set();
    for (const word of listing.querySelectorAll("span[class]")) {
      if (word.childElementCount || word.attributes.length > 1) continue;
      const style = getComputedStyle(word);
      const kind = [word.className, word.parentElement.className, style.color, style.opacity,
        style.backgroundColor, style.fontSize, style.fontWeight, style.textShadow].join();
      if (seen.has(kind)) again.push(word);
      seen.add(kind);
    }
  }
  for (const word of again) word.replaceWith(...word.childNodes);
  document.querySelectorAll("pre").forEach(listing => listing.normalize());
  for (const e of document.querySelectorAll(".katex-html[aria-hidden=true], .katex-mathml > math"))
    e.replaceChildren();
}
"""
# What a theme can change: the rest of a page is the same document.
OF_COLOURS = ("color-contrast", "link-in-text-block")


def browser_faults(browser, base: str, page: str) -> list[str]:
    """What goes wrong while a page is loaded, narrowed to a phone, and read in both themes."""
    faults: list[str] = []
    context = browser.new_context(viewport=DESKTOP, color_scheme="light", reduced_motion="reduce")
    try:
        tab = context.new_page()
        watch(tab, base, faults)
        received = count_bytes(context, tab)
        tab.goto(base + page, wait_until="load")
        tab.set_viewport_size(TALL)
        tab.evaluate(SCROLL_THROUGH)
        tab.evaluate(ALL_PICTURES)
        tab.wait_for_load_state("networkidle")
        transferred = sum(received.values())
        if transferred > PAGE_LIMIT:
            faults.append(f"transfers {transferred} bytes")
        faults += [f"{DESKTOP['width']} px: {fault}" for fault in tab.evaluate(CLIPPED)]
        for width in WIDTHS:  # the page itself hears of the last, the phone's
            tab.set_viewport_size({"width": width, "height": 844})
            if width == NARROW:
                tab.wait_for_timeout(250)
            else:
                tab.evaluate("self.markScrollable?.()")
            faults += [f"{width} px: {fault}" for fault in tab.evaluate(CLIPPED)]
        faults += tab.evaluate(TOO_WIDE)
        tab.evaluate(DROP_WHAT_AXE_HAS_SEEN)
        tab.set_viewport_size(DESKTOP)
        for theme, rules in (("light", ()), ("dark", OF_COLOURS)):
            tab.emulate_media(color_scheme=theme)
            tab.evaluate(ALL_PICTURES)
            faults += [f"{theme}: {fault}" for fault in tab.evaluate(UNSEEN_FIGURES)]
            faults += [f"{theme}: {fault}" for fault in axe_findings(tab, ROOT, rules)]
    finally:
        context.close()
    return faults


def watch(tab, base: str, faults: list[str]) -> None:
    """Note requests to other hosts, failed requests, console errors and exceptions."""

    def on_request(request):
        if not request.url.startswith((base, "data:", "blob:", "about:")):
            faults.append(f"request to another host: {request.url}")

    def on_response(response):
        if response.status >= 400:
            faults.append(f"failed request: {response.status} {response.url}")

    def on_console(message):
        if message.type == "error":
            faults.append(f"console: {message.text}")

    tab.on("request", on_request)
    tab.on("requestfailed", lambda r: faults.append(f"failed request: {r.url}"))
    tab.on("response", on_response)
    tab.on("console", on_console)
    tab.on("pageerror", lambda error: faults.append(f"exception: {error}"))


@every_page
def test_page_in_a_browser(page, browser, served):
    if read(SITE, page).is_redirect:
        pytest.skip("a redirect; its target is a page of its own")
    assert browser_faults(browser, served, page) == []


@pytest.mark.parametrize("prefix", ["/", "/books/audio/"])
def test_a_missing_address_leads_back_to_the_book(prefix, browser):
    server = Server(SITE, prefix)
    try:
        tab = browser.new_page()
        answer = tab.goto(server.base + "book/no/such/page.html")
        tab.wait_for_load_state("networkidle")
        assert answer.status == 404
        assert tab.locator("h1").inner_text().startswith("This page does not exist")
        links = tab.eval_on_selector_all("main a", "all => all.map(a => a.href)")
        assert links
        assert all(tab.request.get(link).status == 200 for link in links)
        tab.close()
    finally:
        server.shutdown()


def test_a_sound_plays_and_silences_the_one_before(browser, served):
    with_sounds = [p for p in html_pages(SITE) if (SITE / p).read_text().count('"clips-play"') > 1]
    if not with_sounds:
        pytest.skip("no page has two players yet")
    tab = browser.new_page()
    tab.goto(served + with_sounds[0])
    sounding = "[...document.querySelectorAll('.clips')].map(e => e.player.now() > 0)"
    for k in (0, 1):
        tab.locator(".clips-play").nth(k).click()
        tab.wait_for_function(f"document.querySelectorAll('.clips')[{k}].player.now() > 0.05")
    buttons = tab.locator(".clips-play").all_inner_texts()
    assert buttons[:2] == ["Play", "Pause"]
    assert tab.evaluate(sounding)[:2] == [True, True]  # the first waits where it was
    tab.close()


# ---------------------------------------------------------------- the checks can fail

HEALTHY = (
    '<main><h1>A page</h1><p>Some text and <a href="#here" id="here">a link</a>.</p>'
    '<img src="a.svg" alt="A red square on white ground." width="10" height="10">{fault}</main>'
)
FAULTS = {
    "missing file": '<a href="nowhere.html">a link</a>',
    "missing anchor": '<a href="#nowhere">a link</a>',
    "asset of another host": '<script src="https://example.org/x.js"></script>',
    "duplicate id": '<p id="here">again</p>',
    "alternative text": '<img src="a.svg" alt="a.svg" width="10" height="10">',
    "inlined sound": '<audio controls src="data:audio/wav;base64,AAAA"></audio>',
    "mathematics:": '<div class="math">\\[x\\]</div>',
    "mathematics by script": '<script src="mathjax.js"></script>',
    "attribute in mathematics": '<math><mtext role="button">x</mtext></math>',
    "HTML of": "<!-- {noise} -->",
    "request to another host": '<script>new Image().src = "https://example.org/i.png"</script>',
    "failed request": '<script>fetch("nowhere.json").catch(() => 0)</script>',
    "console:": '<script>console.error("a fault")</script>',
    "exception": "<script>throw new Error('a fault')</script>",
    "light: axe color-contrast": '<p style="color: #bbb; background: #fff">pale</p>',
    "dark: axe color-contrast": (
        "<style>@media (prefers-color-scheme: dark) { .d { color: #222; background: #111 } }"
        '</style><p class="d">pale at night</p>'
    ),
    "color-contrast: .late": (  # after a word of its class that is seen well
        "<style>.late { color: #bbb }</style>"
        '<pre>x <b class="k">a</b> <span class="k">b</span> <span class="late">pale</span></pre>'
    ),
    "color-contrast: span:nth-child(2)": (
        "<style>.k + .k { color: #bbb }</style>"
        '<pre><span class="k">seen</span> <span class="k">pale</span></pre>'
    ),
    "axe button-name": "<button></button>",
    "scrolls sideways": '<div style="width: 500px">wide</div>',
    "cut off": (
        '<div style="overflow: hidden"><pre style="width: 500px; overflow: visible">x</pre></div>'
    ),
    "1280 px: clipped": (
        '<div style="width: 90px; overflow: hidden"><div style="width: 99px">x</div></div>'
    ),
    "768 px: scrolls without a sign": (
        '<div tabindex="0" style="max-width: 700px; overflow: auto">'
        '<div style="width: 800px">x</div></div>'
    ),
    "390 px: no keyboard": (
        '<div style="overflow: auto; background: local linear-gradient(red, red)">'
        '<div style="width: 600px">x</div></div>'
    ),
    "passes the article's edge": '<p style="width: 200%">x</p>',
    "transfers": '<script>fetch("big.bin").then(answer => answer.arrayBuffer())</script>',
    "pictures shown": (
        '<div class="book-figure"><img src="a.svg" alt="A red square." width="9" height="9">'
        '<img src="a.svg" alt="A red square." width="9" height="9"></div>'
    ),
    "caption hidden": (
        '<figure><div class="book-figure"><img src="a.svg" alt="A red square." width="9" '
        'height="9"></div><figcaption style="display: none">gone</figcaption></figure>'
    ),
}
IN_FILE = list(FAULTS)[:10]


def write_site(folder: Path, fault: str) -> None:
    noise = os.urandom(HTML_LIMIT).hex()
    body = HEALTHY.format(fault=fault.replace("{noise}", noise))
    (folder / "page.html").write_text(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"</head><body>{body}</body></html>",
        encoding="utf-8",
    )
    (folder / "mathjax.js").write_text("")
    (folder / "big.bin").write_bytes(os.urandom(PAGE_LIMIT))
    (folder / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">'
        '<rect width="10" height="10" fill="red"/></svg>'
    )


@pytest.mark.parametrize("kind", IN_FILE)
def test_a_fault_of_a_file_is_found(kind, tmp_path):
    write_site(tmp_path, FAULTS[kind])
    assert any(kind in fault for fault in file_faults(tmp_path, "page.html"))


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind not in IN_FILE])
def test_a_fault_in_the_browser_is_found(kind, tmp_path, browser):
    write_site(tmp_path, FAULTS[kind])
    server = Server(tmp_path)
    try:
        assert any(kind in fault for fault in browser_faults(browser, server.base, "page.html"))
    finally:
        server.shutdown()


def test_a_page_without_faults_passes(tmp_path, browser):
    write_site(tmp_path, "")
    server = Server(tmp_path)
    try:
        assert file_faults(tmp_path, "page.html") == []
        assert browser_faults(browser, server.base, "page.html") == []
    finally:
        server.shutdown()
