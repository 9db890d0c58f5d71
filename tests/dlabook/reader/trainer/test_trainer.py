"""What the trainer is made of."""

import pytest

from dlabook.reader.trainer.trainer import moved


@pytest.mark.parametrize(
    ("link", "seen"),
    [
        ("#eq-a", "../part/page.html#eq-a"),
        ("other.html#b", "../part/other.html#b"),
        ("../../index.html", "../../index.html"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_links_work_from_the_place_of_the_trainer(link, seen):
    place = "book/exam/trainer.html"
    assert moved(f'<a href="{link}">', "book/part/page.html", place) == f'<a href="{seen}">'
