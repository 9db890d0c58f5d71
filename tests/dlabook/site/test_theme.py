"""The theme's frame: scripts that the book does not use are not loaded, the 404 page is built."""

from types import SimpleNamespace

from sphinx.config import Config
from sphinx.events import EventListener

from dlabook.site import theme
from dlabook.site.theme import first_page


def of_module(name: str):
    def handler(*_):
        return None

    handler.__module__ = name
    return handler


def test_only_listeners_and_styles_of_what_is_left_out_go():
    handlers = [of_module(name) for name in ("sphinx_thebe.x", "sphinx_design", "sphinx_thebex")]
    listeners = [EventListener(k, handler, 500) for k, handler in enumerate(handlers)]
    app = SimpleNamespace(
        events=SimpleNamespace(listeners={"build-finished": listeners}),
        registry=SimpleNamespace(css_files=[("sphinx-thebe.css", {}), ("sphinx-design.css", {})]),
    )
    theme.remove_extensions(app)
    kept = [listener.handler.__module__ for listener in app.events.listeners["build-finished"]]
    assert kept == ["sphinx_design", "sphinx_thebex"]
    assert app.registry.css_files == [("sphinx-design.css", {})]


def test_the_404_page_is_built_although_no_contents_name_it():
    config = Config({}, {"exclude_patterns": ["book/404.md", "code", "book/404"]})
    theme.admit_error_page(None, config)
    assert config.exclude_patterns == ["code"]


def contents(first: str, address: str = "a.html") -> str:
    return (
        '<li class="toctree-l1">'
        f'<a class="reference internal" href="{address}">5. Beats</a><details>'
        f'<summary aria-label="Pages of 5. Beats"></summary><ul>\n<li class="toctree-l2">'
        f'<a class="reference internal" href="a/b.html">{first} The bar pointer</a></li></ul>'
    )


def test_a_chapter_s_own_page_stands_before_its_further_pages_with_its_sections_numbers():
    assert '<a class="reference internal" href="a.html">5.1–5.9. First page</a>' in first_page(
        contents("5.10.")
    )
    assert ">5.1. First page<" in first_page(contents("5.2."))
    here = first_page(contents("5.10.", "#"))
    assert '<li class="toctree-l2 current active"><a class="current reference internal"' in here


def test_nothing_is_added_where_no_section_comes_before_or_pages_have_no_numbers():
    for numbers in ("5.1.", "6.2.", ""):
        assert first_page(contents(numbers)) == contents(numbers)
