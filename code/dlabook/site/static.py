"""Scripts and styles of a reader's tool lie beside its Python; the site has them in one folder."""

from __future__ import annotations

from pathlib import Path

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
