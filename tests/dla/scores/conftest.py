"""Scores are rendered into a cache of the tests' own."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def scores_cache(own_cache):
    """Every module here starts from an empty cache."""
