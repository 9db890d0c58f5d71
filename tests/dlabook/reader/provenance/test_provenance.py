"""What is said of a cell's origin: the functions it names, its seeds, the recordings it read."""

from places import ROOT

from dlabook.reader.provenance.provenance import (
    names_of_library,
    origin,
    read_by,
    recordings,
    seeds,
)

FIRST = """
import torch
from dla import plot
from dla.losses.pit import pit, pairwise_loss as pairs
import dla.models.mask_network as net

x = torch.randn(3)
"""
CORPUS = "code/dla/datasets/corpora"
READ = {
    f"{CORPUS}/prompts/june/fr/a.flac": 1,
    f"{CORPUS}/prompts/june/fr/b.flac": 2,
    f"{CORPUS}/prompts/manifest.csv": 1,
    f"{CORPUS}/songs/feelings/rest.flac": 2,
    "book/other.flac": 2,
}


def test_functions_are_found_by_the_names_that_earlier_cells_gave_them():
    known = {}
    assert names_of_library(FIRST, known) == []
    found = names_of_library(
        "y = pairs(x)\nplot.show(pit(y))\nnet.separate(y, torch.ones(1))", known
    )
    assert found == [
        "dla.losses.pit.pairwise_loss",
        "dla.plot.show",
        "dla.losses.pit.pit",
        "dla.models.mask_network.separate",
    ]


def test_what_is_no_python_names_nothing():
    assert names_of_library("!ls\nplot.show()", {"plot": "dla.plot"}) == []


def test_a_package_of_a_similar_name_is_another_one():
    known = {}
    assert (
        names_of_library("from dlabook import glue\nfrom dlapack import dla\nglue(dla)", known)
        == []
    )


def test_seeds_are_quoted_once_as_they_are_written():
    code = "g = torch.Generator().manual_seed(3)\nf(x, seed=0)\nf(y, seed=0)\nSEEDS = range(5)\n"
    assert seeds(code) == ["manual_seed(3)", "seed=0", "SEEDS = range(5)"]
    assert seeds("seeds = [0, 1, 2]\n") == ["seeds = [0, 1, 2]"]
    assert seeds("speed = 3") == []


def test_recordings_are_counted_by_corpus_without_their_lists():
    assert recordings(list(READ)) == "prompts (2), songs (1)"


def test_a_cell_reads_what_no_cell_before_it_read():
    record = {"first_read": READ}
    assert read_by(2, record) == [
        "Recordings read here: prompts (1), songs (1).",
        "Read by the cells before: prompts (1).",
    ]
    assert read_by(1, record) == ["Recordings read here: prompts (1)."]
    assert read_by(1, {"files": dict.fromkeys(READ, "x")}) == [
        "Recordings that this page reads: prompts (2), songs (1)."
    ]
    assert read_by(1, {"first_read": {}}) == []


def test_the_time_of_a_cell_is_its_own():
    record = {"cell_seconds": [0.5, 12.34], "processor": "X1", "date": "2026-03-01"}
    assert origin(2, 2, record) == "Cell 2 of 2, 12.3 s on X1, 2026-03-01."
    assert origin(3, 3, record) == "Cell 3 of 3."


def test_on_the_site_every_cell_that_gave_something_says_so():
    page = (ROOT / "_build/html/book/overview/speech.html").read_text()
    outputs = page.count('class="cell_output ')
    assert page.count('<details class="provenance">') == outputs > 10
    assert 'href="../api/spectral.html#dla.spectral.stft.stft"' in page
