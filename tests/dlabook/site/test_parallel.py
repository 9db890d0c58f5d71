"""Pages are shared out to forks: each is worked on once, and what is said of it arrives.

That the site has the bytes of a serial build is in `test_application`.
"""

import os

import pytest
from sphinx.errors import SphinxParallelError

from dlabook.site.parallel import begin, longest_first, share_out

PAGES = [f"p{number}" for number in range(40)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_each_page_is_worked_on_once_by_as_many_forks_as_there_are_jobs(jobs):
    found = []
    share_out(PAGES, jobs, lambda pages: (os.getpid(), list(pages)), found.append)
    assert sorted(page for _, pages in found for page in pages) == sorted(PAGES)
    forks = {fork for fork, _ in found}
    assert len(forks) == jobs and os.getpid() not in forks


def test_a_fork_takes_its_pages_in_their_order():
    found = []
    share_out(PAGES, 2, list, found.append)
    assert all(pages == sorted(pages, key=PAGES.index) for pages in found)


def test_an_error_in_a_fork_names_itself_here():
    def work(pages):
        for page in pages:
            if page == "p7":
                raise ValueError("p7 is broken")

    with pytest.raises(SphinxParallelError, match="ValueError: p7 is broken"):
        share_out(PAGES, 2, work, lambda _: None)


def test_no_page_needs_no_fork():
    share_out([], 2, list, pytest.fail)


def test_long_pages_come_first_and_equal_ones_by_name():
    assert longest_first({"a": 1, "c": 5, "b": 5}) == ["b", "c", "a"]


def test_what_a_fork_began_arrives_when_it_is_asked_for():
    end = begin(lambda: (os.getpid(), "worked out"))
    fork, found = end()
    assert found == "worked out" and fork != os.getpid()


def test_what_fails_in_a_fork_fails_where_it_is_asked_for():
    end = begin(lambda: 1 // 0)
    with pytest.raises(SphinxParallelError, match="ZeroDivisionError"):
        end()
