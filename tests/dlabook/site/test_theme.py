"""The theme's frame: scripts that the book does not use are not loaded, the 404 page is built."""

from types import SimpleNamespace

from sphinx.config import Config
from sphinx.events import EventListener

from dlabook.site import theme


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
