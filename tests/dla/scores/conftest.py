"""A cache of the tests' own."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    """A folder of the tests' own, empty at first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLA_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLA_CACHE", str(tmp_path))
    return tmp_path
