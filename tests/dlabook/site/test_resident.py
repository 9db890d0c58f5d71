"""A process that stays builds what a build from nothing does, also after a build that failed."""

import pytest
from numbered_book import different, files_of, make_book, page
from small_site import write

from dlabook.site.build import build as build_site
from dlabook.site.resident import Resident


@pytest.fixture(scope="module")
def staying(tmp_path_factory):
    """A book that was built from nothing, its files then, and the process that goes on with it."""
    root = tmp_path_factory.mktemp("staying") / "b"
    make_book(root)
    assert build_site(root)
    first = files_of(root)
    resident = Resident(root, 2)
    yield root, first, resident
    resident.close()


def from_nothing(folder, changed: dict[str, str]) -> dict[str, bytes]:
    root = folder / "b"
    make_book(root)
    for name, text in changed.items():
        write(root, name, text)
    assert build_site(root)
    return files_of(root)


def test_saved_words_and_titles_give_the_bytes_of_a_build_from_nothing(staying, tmp_path):
    root, before, resident = staying
    word = page(3).replace("Why 3?", "Why three, and $\\sqrt{7}$?")
    write(root, "book/part/p3.md", word)
    assert resident.build()
    assert b"Why three" in files_of(root)["book/part/p3.html"]
    title = page(5).replace("# Page 5", "# Another page")
    write(root, "book/part/p5.md", title)
    assert resident.build()
    changed = {"book/part/p3.md": word, "book/part/p5.md": title}
    assert different(from_nothing(tmp_path, changed), files_of(root)) == []
    assert len(different(before, files_of(root))) > len(changed)  # other pages show the title


def test_what_a_failed_build_wrote_is_written_again(staying):
    root, first, resident = staying
    for name in ("book/part/p3.md", "book/part/p5.md"):
        write(root, name, page(int(name[-4])))
    assert resident.build()
    broken = page(4).replace("# Page 4", "# A title of no page") + "\n{ref}`sec-nowhere`\n"
    write(root, "book/part/p4.md", broken)
    assert not resident.build()
    assert not resident.build()  # as often as it is asked
    assert not (root / "_build" / "html.key").exists()
    write(root, "book/part/p4.md", page(4))
    assert resident.build()
    assert (root / "_build" / "html.key").exists()
    assert different(first, files_of(root)) == []


def test_a_process_that_ended_says_so(tmp_path):
    resident = Resident(tmp_path, 1)  # no book is there
    with pytest.raises(RuntimeError, match="has ended"):
        resident.build()
    resident.close()
