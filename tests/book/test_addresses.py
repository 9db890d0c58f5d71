"""No address that was published once stops working; every address of the site is on the list."""

from places import ROOT, SITE

from dlabook.reader.addresses import addresses
from dlabook.reader.addresses.addresses import (
    lost,
    published,
    redirects,
    resolve,
    unlisted,
)


def test_no_published_address_is_lost():
    gone = lost(ROOT, SITE)
    assert gone == [], f"say in {addresses.REDIRECTS} where they went, one a line: 'old new'"


def test_every_address_of_the_site_is_listed():
    assert unlisted(ROOT, SITE) == [], "Intended? make accept"


def test_every_rule_leads_to_an_address_of_the_site():
    known, rules = published(SITE), redirects(ROOT)
    assert [old for old in rules if resolve(old, rules, known) is None] == []


def test_an_equation_ends_in_its_label():
    assert "book/decomposition/permutation-invariant-training#def-pit-loss" in published(SITE)
