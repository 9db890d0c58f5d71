"""A kernel's check cells are tried in a copy of it."""

import json
from types import SimpleNamespace

import torch

from dlabook.run import proofs


def shell():
    namespace = {"torch": torch, "h": torch.Generator().manual_seed(1)}
    return SimpleNamespace(user_ns=namespace, display_pub=SimpleNamespace(publish=None))


def ask(source, before="", written=()):
    kernel = shell()
    exec(before, kernel.user_ns)
    proofs.remember(kernel)
    exec(source, kernel.user_ns)
    after = dict(kernel.user_ns)
    answer = json.loads(proofs.prove(kernel, source, [], list(written)))
    assert kernel.user_ns == after  # nothing of it reaches the chapter
    return answer


def test_a_cell_finds_the_names_and_the_draws_that_it_found(capfd):
    source = (
        "first = torch.rand(1, generator=h)\nassert 'k' not in globals()\nk = 1\n"
        "print('heard')\nassert first.sum() == drawn - 0"
    )
    drawn = torch.rand(1, generator=torch.Generator().manual_seed(1)).item()
    answer = ask(source, f"drawn = {drawn!r}")
    assert answer.get("error") is None
    assert answer["assertions"][1][1] is not None
    assert capfd.readouterr().out == "heard\n"  # by the cell, and by none of its mutants


def test_what_breaks_the_copy_is_said():
    answer = ask("assert sum([1, 2]) == 3", written=["no arrow"])
    assert answer["error"].startswith("ValueError: mutant 'no arrow'")


def test_a_list_that_a_mutant_changes_in_place_is_fresh_for_the_next():
    source = "box[0] *= 1.0 - 0.0\nassert sum(box) == 1\nassert max(box) == 3 - 2"
    answer = ask(source, "box = [1.0]")
    assert [mutant is None for _, mutant in answer["assertions"]] == [False, False]
