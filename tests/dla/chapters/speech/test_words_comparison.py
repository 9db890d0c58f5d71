"""Which words are said, and that what is kept gives the committed answers again."""

import pytest

from dla.chapters.speech import words_comparison as module
from dla.losses.si_sdr import si_sdr
from dla.protocol import comparison
from dla.reference.hama import nearest_word


def test_each_voice_says_each_word_once():
    said = {case: [p.word for p in module.pieces() if p.case == case] for case in module.CASES}
    assert sorted(said.pop(module.TEN)) == sorted(module.DIGITS)
    for case, words in said.items():
        assert sorted(words) == sorted(module.SPELLING), case


def test_a_fire_has_its_level_and_the_same_voice():
    clean = {p.word: p.waveform for p in module.pieces() if p.case == module.ALONE}
    for piece in module.pieces():
        if piece.case in module.FIRES:
            found = si_sdr(piece.waveform, clean[piece.word])
            assert float(found) == pytest.approx(module.FIRES[piece.case], abs=0.05)


def test_what_is_kept_gives_the_committed_answers():
    result = comparison.load(module.COMPARISON)
    pairs = list(zip(module.pieces(), result.of("hama"), strict=True))
    lexicons = {
        among: {
            p.word: t.kept["expected"]
            for p, t in pairs
            if p.among == among and p.case in (module.TEN, module.ALONE)
        }
        for among in (module.DIGITS, module.SPELLING)
    }
    for piece, trial in pairs:
        words = {word: lexicons[piece.among][word] for word in piece.among}
        said = nearest_word(trial.kept["phonemes"], words)
        assert [said] == trial.kept["word"]
        assert trial.values["right"] == float(said == piece.word)


def test_scores_and_keeps_by_the_list_of_the_piece(monkeypatch):
    module.lexicon.cache_clear()
    monkeypatch.setattr(module, "pronounce", tuple)
    digit = next(p for p in module.pieces() if p.word == "six")
    assert module.score(digit, tuple("sicks")) == {"right": 1.0}
    assert module.score(digit, tuple("seven")) == {"right": 0.0}
    kept = module.keep(digit, tuple("sevn"))
    assert kept == {"phonemes": list("sevn"), "expected": list("six"), "word": ["seven"]}
    module.lexicon.cache_clear()
