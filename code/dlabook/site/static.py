"""Scripts and styles of a reader's tool lie beside its Python; the site has them in one folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx


def publish(app: Sphinx, module: str, *names: str) -> None:
    """Put files that lie beside a module into the site's ``_static``.

    Args:
        app: before its configuration is complete.
        module: the module's ``__file__``.
        names: of the files.

    Raises:
        FileNotFoundError: a file is not there.
    """
    paths = [Path(module).with_name(name) for name in names]
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing: {module} publishes it")

    def add(app: Sphinx, config) -> None:
        config.html_static_path = [*config.html_static_path, *map(str, paths)]

    app.connect("config-inited", add)


def contains(
    doctree: nodes.document | None, condition: type[nodes.Node] | Callable[[nodes.Node], bool]
) -> bool:
    """Whether a page has such a node, so that it needs the scripts for it.

    Args:
        doctree: of the page; None if it has no source.
        condition: as `findall` takes it.
    """
    return doctree is not None and next(iter(doctree.findall(condition)), None) is not None
