"""What the printed measures said, as committed."""

import torch

from dla.chapters.speech import distortions, mistakes
from dla.chapters.speech import measures_comparison as module
from dla.protocol import comparison
from dla.reference.dnsmos import Marks

SOUNDS, MARKS = module.COMPARISONS


def test_each_case_has_the_same_sentences():
    cases = {}
    for piece in module.pieces():
        cases.setdefault((piece.case, piece.about), []).append((piece.talker, piece.sentence))
    assert len(cases) == 1 + len(mistakes.MISTAKES) + 3 * len(distortions.KINDS)
    (sentences,) = {tuple(each) for each in cases.values()}
    assert {talker for talker, _ in sentences} == set(mistakes.TALKERS)
    assert len(sentences) == len(set(sentences)) == 12


def test_the_second_of_a_pair_is_the_voice():
    clean = {(p.talker, p.sentence): p.pair for p in module.pieces() if p.case == module.CLEAN}
    for piece in module.pieces():
        torch.testing.assert_close(piece.pair[1], clean[piece.talker, piece.sentence][0])


def test_one_talker_reads_in_two_languages_and_nobody_is_silent():
    *spoken, silence = module.unreferenced()
    assert [p.about for p in spoken] == ["en"] * 24 + ["es"] * 24
    assert {p.talker for p in spoken} == {"allison"} and not silence.pair.any()


def test_the_overall_mark_is_scored_and_all_are_kept():
    marks, piece = Marks(3.0, 2.0, 1.0), module.pieces()[0]
    assert module.score(piece, marks) == {"score": 1.0}
    assert module.keep(piece, marks) == {"marks": [3.0, 2.0, 1.0]}
    assert module.score(piece, 0.5) == {"score": 0.5} and module.keep(piece, 0.5) is None


def test_the_voice_itself_has_the_best_score_of_each_reference_measure():
    result = comparison.load(SOUNDS)
    clean = [k for k, p in enumerate(module.pieces()) if p.case == module.CLEAN]
    for system in ("STOI", "ESTOI", "PESQ", "PESQ, telephone"):
        values = result.values(system, "score")
        assert min(values[k] for k in clean) >= max(values) - 1e-3


def test_what_is_kept_is_what_was_scored():
    for declared in (SOUNDS, MARKS):
        for trial in comparison.load(declared).of("DNSMOS"):
            assert abs(trial.kept["marks"][2] - trial.values["score"]) < 1e-3
