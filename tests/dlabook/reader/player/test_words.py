"""The words below a player: those of the list, each in its language, or said to be unknown."""

import pytest
from places import ROOT

from dlabook.reader.player.words import markup, said


def test_words_are_those_of_the_list_in_the_order_of_the_cell():
    found = said(ROOT, ["june/fr/prompt/options", "allison/en/phonetic/x_p"])
    assert found[0][:2] == ("june", "fr") and found[0][2].startswith("Pour accepter cet appel")
    assert found[1] == ("allison", "en", "xray")


def test_the_second_voices_have_no_list():
    assert said(ROOT, ["armelle/fr/prompt/vm-intro"]) == [("armelle", "fr", None)]
    assert "the words are not written down" in markup([("armelle", "fr", None)])


def test_each_voice_speaks_its_language():
    shown = markup([("june", "fr", "un"), ("june", "fr", "deux"), ("carlo", "it", "<tre>")])
    assert '<span lang="fr">un · deux</span>' in shown
    assert '<span lang="it">&lt;tre&gt;</span>' in shown
    assert shown.count("<li>") == 2 and "Italian" in shown


def test_a_player_without_speech_shows_nothing():
    assert markup(said(ROOT, [])) == ""


@pytest.mark.parametrize("names", [["june/fr/prompt/nonsense"], "june/fr/prompt/options", [3]])
def test_what_is_no_recording_is_named(names):
    with pytest.raises(ValueError, match="nonsense|list of recordings"):
        said(ROOT, names)
