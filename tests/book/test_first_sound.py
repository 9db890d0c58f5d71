"""A chapter opens with a sound: its first page lets something be heard before it shows any code."""

import pytest
from nbformat import NotebookNode, v4
from places import ROOT

from dlabook.output.clip import CLIPS_MIME
from dlabook.run.executed import load_executed
from dlabook.source.cells import is_output_first
from dlabook.source.chapters import topics

FIRST_PAGES = [pages[0] for pages in topics(ROOT)]
CODE, SOUND = "code", "sound"


def shown(cells: list[NotebookNode]) -> list[str]:
    """Codes and sounds in the order in which a page shows them."""
    order = []
    for cell in cells:
        if cell.cell_type == "code":
            sounds = [SOUND for output in cell.outputs if CLIPS_MIME in output.get("data", {})]
            order += [*sounds, CODE] if is_output_first(cell.metadata) else [CODE, *sounds]
    return order


@pytest.mark.parametrize("page", FIRST_PAGES, ids=lambda page: page.name)
def test_the_first_page_of_a_chapter_plays_something_before_it_shows_code(page):
    notebook = load_executed(page)
    assert notebook is not None, f"{page.name} was not executed: make book"
    assert shown(notebook.cells)[:1] == [SOUND]


@pytest.mark.parametrize(
    ("tags", "order"), [([], [CODE, SOUND]), (["output-first"], [SOUND, CODE])]
)
def test_the_order_of_a_cell_is_that_of_its_tags(tags, order):
    player = v4.new_output("display_data", data={CLIPS_MIME: {}})
    cell = v4.new_code_cell("Clips(x)", outputs=[player], metadata={"tags": tags})
    assert shown([v4.new_markdown_cell("# A page"), cell]) == order
    assert shown([v4.new_code_cell("import math"), cell])[0] == CODE
