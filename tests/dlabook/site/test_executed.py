"""A page shows what its chapter printed when it was executed, and nothing else."""

import nbformat
import pytest
from small_site import UNEXECUTED, build, configure, write

from dlabook.run.executed import executed_path, load_as_it_ran
from dlabook.site.executed import with_outputs
from dlabook.source.chapters import executable_chapters

MODE = f"nb_execution_mode = 'cache'\n{UNEXECUTED}"
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---
# A page

Some words.

```{code-cell} python
print(6 * 7)
```
"""


def make_book(root):
    configure(root, ["dlabook.site.mathematics", "dlabook.site.executed"], MODE)
    write(root, "_toc.yml", "format: jb-book\nroot: index\n")
    write(root, "index.md", PAGE)
    (chapter,) = executable_chapters(root)
    return chapter


def execute(chapter, text: str) -> None:
    notebook = chapter.notebook()
    (cell,) = (cell for cell in notebook.cells if cell.cell_type == "code")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    name = executed_path(chapter).relative_to(chapter.root).as_posix()
    write(chapter.root, name, nbformat.writes(notebook))


def test_outputs_are_those_of_the_executed_chapter(tmp_path):
    execute(make_book(tmp_path), "printed when it ran\n")
    assert build(tmp_path).warnings == ""
    assert "printed when it ran" in (tmp_path / "_build/html/index.html").read_text()


def test_a_chapter_that_was_never_executed_has_no_outputs_and_is_not_executed(tmp_path):
    make_book(tmp_path)
    assert build(tmp_path).warnings == ""
    page = (tmp_path / "_build/html/index.html").read_text()
    assert "cell_input" in page and "cell_output" not in page


def test_outputs_of_other_cells_are_not_shown_and_a_warning_says_so(tmp_path):
    execute(make_book(tmp_path), "printed when it ran\n")
    write(tmp_path, "index.md", PAGE.replace("6 * 7", "6 * 8"))
    assert "changed since they were executed" in build(tmp_path).warnings
    assert "printed when it ran" not in (tmp_path / "_build/html/index.html").read_text()


def test_what_a_page_does_with_its_outputs_leaves_the_notebook_as_it_was(tmp_path):
    chapter = make_book(tmp_path)
    execute(chapter, "printed when it ran\n")
    ran, source = load_as_it_ran(chapter), chapter.notebook()
    ran.metadata["language_info"] = {"name": "python"}
    merged = with_outputs(source, ran, [cell for cell in ran.cells if cell.cell_type == "code"])
    assert merged.metadata["language_info"] == {"name": "python"}
    merged.cells[-1].outputs[0]["text"] = "changed"
    assert ran.cells[-1].outputs[0]["text"] == "printed when it ran\n"
    assert source.cells[-1].outputs == []
    with pytest.raises(KeyError):
        source.metadata["language_info"]
