"""The rulebook and its fingerprint."""

import hashlib

import pytest

from voting.methods import METHODS, count
from voting.rankings import profile_of
from voting.rulebook import Duplicates, Overvote, Rulebook, Unranked, fingerprint

PROFILE = profile_of(["A", "B"], {"A": 2, "B>A": 1})


def test_the_fingerprint_is_the_sha256_of_canonical_json() -> None:
    canonical = b'{"method":"borda","seats":1,"unranked":"zero","version":1}'
    outcome = count(PROFILE, Rulebook(method="borda"))
    assert outcome.method == "borda"
    assert outcome.rulebook == hashlib.sha256(canonical).hexdigest() == fingerprint(outcome.rules)


def test_only_rules_that_a_method_reads_are_in_its_fingerprint() -> None:
    strange = {
        "unranked": Unranked.AVERAGE,
        "implicit_ranking": True,
        "overvote": Overvote.SKIP,
        "skips": 1,
        "duplicates": Duplicates.EXHAUST,
    }
    for name, method in METHODS.items():
        if method.marks:
            continue
        plain = count(PROFILE, Rulebook(method=name)).rulebook
        for rule, value in strange.items():
            changed = count(PROFILE, Rulebook(method=name, **{rule: value})).rulebook  # type: ignore[arg-type]
            read = rule in method.uses or (
                "runoff" in method.uses and rule not in ("unranked", "implicit_ranking")
            )
            assert (changed != plain) is read


def test_every_method_has_its_own_fingerprint() -> None:
    prints = {fingerprint(Rulebook(method=name).as_dict(method.uses)) for name, method in METHODS.items()}
    assert len(prints) == len(METHODS) == 12


def test_the_rules_of_a_runoff_are_spelled_out() -> None:
    assert count(PROFILE, Rulebook(method="irv", skips=2)).rules == {
        "version": 1,
        "method": "irv",
        "seats": 1,
        "majority": "more than half of the continuing ballots",
        "overvote": "onlyContinuing",
        "skips": 2,
        "duplicates": "skip",
        "tie_ladder": ["previous-rounds", "first-preferences", "together", "undecided"],
    }
    assert count(PROFILE, Rulebook(method="irv")).rules["skips"] == "unlimited"


def test_skipped_ranks_allowed_are_not_below_zero() -> None:
    with pytest.raises(ValueError, match="below zero"):
        Rulebook(method="irv", skips=-1)
    assert Rulebook(method="irv", skips=0).skips == 0


def test_every_method_says_what_it_is_and_where_it_is_from() -> None:
    for name, method in METHODS.items():
        assert method.name == name
        assert method.title and method.definition.endswith(".") and method.source
