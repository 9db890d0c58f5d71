"""What every kernel finds, whoever starts it."""

import os

from dlabook.run.client import ONE_THREAD, inherited_environment, kernel_environment


def test_a_kernel_has_one_thread_and_its_order_of_hashes_is_fixed(tmp_path):
    found = kernel_environment(tmp_path)
    assert {found[name] for name in ONE_THREAD} == {"1"}
    assert found["PYTHONHASHSEED"] == "0"
    assert found["DLABOOK_EXECUTOR"] == str(os.getpid())


def test_a_kernel_leaves_no_trace_outside_the_build(tmp_path):
    found = kernel_environment(tmp_path)
    build = str(tmp_path / "_build")
    assert all(found[name].startswith(build) for name in ("IPYTHONDIR", "NUMBA_CACHE_DIR"))


def test_the_style_of_figures_is_the_book_s_if_it_has_one(tmp_path):
    assert "MATPLOTLIBRC" not in kernel_environment(tmp_path)
    (tmp_path / "book").mkdir()
    style = tmp_path / "book" / "matplotlibrc"
    style.write_text("")
    assert kernel_environment(tmp_path)["MATPLOTLIBRC"] == str(style)


def test_of_the_variables_of_who_starts_it_a_kernel_takes_over_a_list():
    given = {"PATH": "/bin", "HOME": "/root", "PYTHONOPTIMIZE": "1", "GIT_DIR": "x", "X": "1"}
    assert inherited_environment(given) == {"PATH": "/bin", "HOME": "/root"}


def test_a_kernel_s_assertions_hold_in_jupyterlab_too(tmp_path):
    assert kernel_environment(tmp_path)["PYTHONOPTIMIZE"] == ""
