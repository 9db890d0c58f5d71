"""The icon font keeps what is asked for."""

from pathlib import Path

from fontTools.ttLib import TTFont

from dlabook.site.icons import ICONS, code_point, subset_font


def test_the_icon_font_keeps_the_icons_asked_for(tmp_path):
    import pydata_sphinx_theme

    theme = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
    source = theme / "vendor/fontawesome/webfonts/fa-solid-900.ttf"
    (tmp_path / "icons.woff").write_bytes(subset_font(source, {0xF0C9, 0xF185}))
    assert set(TTFont(tmp_path / "icons.woff").getBestCmap()) == {0xF0C9, 0xF185}
    assert (tmp_path / "icons.woff").stat().st_size < 3000
    css = (theme / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    assert [name for name in ICONS if f".fa-{name}:before" not in css] == []


def test_code_points_of_style_sheets():
    assert code_point("\\f0c9") == code_point("\uf0c9") == 0xF0C9
