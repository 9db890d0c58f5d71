"""Names that are not there: few are all listed, of many the near ones."""

import pytest

from dla.names import list_of_names, unknown

MANY = [f"door{k}" for k in range(20)]


def test_few_names_are_all_listed():
    assert unknown("kind", "dor", ["door", "step"]) == "no kind 'dor'; there are door, step"


def test_of_many_names_those_that_contain_it_come_before_those_that_resemble_it():
    assert unknown("event", "doorr3", MANY).startswith("no event 'doorr3'; did you mean 'door3' or")
    asked = unknown("event", "1", MANY, see="table()")
    assert asked.endswith("'door1' or 'door10' or 'door11' or 'door12'? There are 20, see table()")


def test_what_is_near_nothing_gets_the_number_of_names():
    assert unknown("take", "xyz", MANY, see="table()") == "no take 'xyz'; there are 20, see table()"


def test_the_message_repeats_what_arrived_and_looks_up_what_was_meant():
    assert unknown("event", "DOOR_3", MANY, wanted="door3").startswith(
        "no event 'DOOR_3'; did you mean 'door3'?"
    )


def test_a_string_is_not_a_list_of_names():
    with pytest.raises(ValueError, match=r"kinds is a list of names: did you mean \['door'\]"):
        list_of_names("kinds", "door")
