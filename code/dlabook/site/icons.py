"""The theme's icon font of a few kilobytes, instead of its script.

Not the theme's own script for them, because that is 530 KiB.
"""

from __future__ import annotations

import re
import shutil
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from dlabook.source.memo import digest_of_file, known

logger = logging.getLogger(__name__)


_ICON_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"([^"]*)"\}')
_FONT_FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
# fmt: off
ICONS = {  # of the theme and its extensions; `reduce_icons` drops all others
    "angle-down", "angle-left", "angle-right", "angle-up", "arrow-up", "bars", "bell",
    "check", "chevron-down", "chevron-right", "circle-check", "circle-exclamation",
    "circle-half-stroke", "circle-info", "circle-xmark", "code", "download", "expand",
    "file", "file-pdf", "lightbulb", "list", "magnifying-glass", "magnifying-glass-minus",
    "moon", "outdent", "pencil", "share", "sun", "triangle-exclamation",
    "up-right-from-square", "xmark",
}
# fmt: on


def reduce_icons(app: Sphinx) -> None:
    """The theme's icon font and its rules, reduced to the icons of these pages."""
    static = Path(app.outdir, "_static")
    style = static / "styles" / "pydata-sphinx-theme.css"
    css = style.read_text(encoding="utf-8")
    used: set[str] = set()

    def shorten(rule: re.Match) -> str:
        names = re.findall(r"\.fa-([a-z0-9-]+):before", rule[1])
        if not ICONS & set(names):
            return ""
        used.add(rule[2])
        return rule[0]

    css = _ICON_RULE.sub(shorten, css)
    used |= set(re.findall(r'--pst-icon-[a-z-]+: ?"([^"]+)"', css))
    faces = _FONT_FACE.findall(css)
    solid = static / "vendor/fontawesome/webfonts/fa-solid-900.ttf"
    codes = {code_point(content) for content in used} | {0xF107}
    if len(faces) != 3 or not solid.exists() or len(codes) < len(ICONS) // 2:
        logger.warning("the theme's icons are not where they were; adapt dlabook.site.theme")
        return
    css = _FONT_FACE.sub("", css)
    css = css.replace("/*# sourceMappingURL=pydata-sphinx-theme.css.map */", "")
    face = (
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;'
        'font-weight:900;src:url(../icons.woff) format("woff")}'
    )
    style.write_text(css + face, encoding="utf-8")
    content = f"{version('fonttools')} {sorted(codes)} {digest_of_file(solid)}"
    icons = known(Path(app.srcdir), subset_font, content, solid, codes)
    (static / "icons.woff").write_bytes(icons)
    shutil.rmtree(static / "vendor" / "fontawesome")
    for unused in {*static.rglob("*.map"), *static.glob("scripts/fontawesome.js*")}:
        unused.unlink()


def code_point(content: str) -> int:
    """Of a CSS string: an escape such as ``\\f107``, or the character itself."""
    return int(content[1:], 16) if content.startswith("\\") else ord(content[0])


def subset_font(source: Path, codes: set[int]) -> bytes:
    """A font of these characters alone, in the form for browsers (WOFF)."""
    from logging import WARNING, getLogger

    from fontTools import subset
    from fontTools.ttLib import TTFont

    getLogger("fontTools").setLevel(WARNING)
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(drop_tables=["GSUB"], notdef_outline=True, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.flavor = "woff"
    target = BytesIO()
    font.save(target)
    return target.getvalue()
