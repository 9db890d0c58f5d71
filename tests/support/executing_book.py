"""A small book whose chapters are executed: its pages are written, run and looked at."""

from dlabook.run.execute import execute
from dlabook.source.chapters import Chapter, executable_chapters

CELL = """
```{{code-cell}} python
{code}
```
"""
HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Title\n"


def write(book, name, *cells):
    text = HEADER + "".join(CELL.format(code=code) for code in cells)
    (book / "book" / f"{name}.md").write_text(text)


def chapter(book, name):
    return Chapter(book, f"book/{name}")


def run(book):
    return execute(executable_chapters(book), jobs=2)
