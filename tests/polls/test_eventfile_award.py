"""Awards in event files: defaults, and faults with their place and what was expected."""

import copy
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from polls.award.model import AwardId, Blend, Pitches
from polls.eventdoc import change_faults
from polls.eventfile import dump_event, parse_event
from polls.model import Text
from tests.polls.eventfiles import faults_of, small
from voting.award.blend import check_shares
from voting.award.rules import rules_hash

Data = dict[str, Any]
FROZEN = frozenset({AwardId("best")})


def with_award(**changes: Any) -> Data:
    award: Data = {
        "id": "best",
        "title": "Best",
        "candidates": ["Aa", "Bb", {"id": "c", "name": "Cc", "entrant": "Somewhere"}],
        "jury": {
            "jurors": ["Ida", {"name": "Jon", "chair": True}],
            "criteria": ["Impact", {"id": "new", "name": "New", "weight": 2, "scale": [0, 5]}],
        },
        "vote": {},
        "scrutineers": ["Hanna", {"id": "iker", "name": "Iker"}, "Jo"],
    }
    award |= copy.deepcopy(changes)
    return small() | {"awards": [{k: v for k, v in award.items() if v is not None}]}


def test_a_short_award_has_the_usual_rules() -> None:
    award = parse_event(with_award()).awards[0]
    assert award.candidate_ids == ("1", "2", "c")
    assert [r.id for r in award.rounds()] == ["jury", "vote"]
    assert (award.jury[0].quorum_min, award.jury[0].quorum_share) == (2, Fraction(2, 3))
    assert award.decision.blend is Blend.SHARES and award.decision.jury_round == "jury"
    assert award.decision.ladder == ("audience", "countback", "shared")
    assert ([s for s, _ in award.scrutineers], award.approvals) == (["1", "iker", "3"], 2)


def test_a_jury_with_a_shortlist_is_a_gate() -> None:
    data = with_award()
    data["awards"][0]["jury"]["shortlist"] = 2
    decision = parse_event(data).awards[0].decision
    assert (decision.blend, decision.jury_round) == (Blend.AUDIENCE, None)
    assert decision.ladder == ("countback", "shared")


CHAIRS = [{"name": "Ida", "chair": True}, {"name": "Jon", "chair": True}]
JURY: Data = {"jurors": ["Ida", "Jon"], "criteria": ["Impact"]}
RANKING_JURY: Data = {"jurors": ["Ida", "Jon"], "rule": "irv"}


def test_shares_are_usual_only_where_figures_add_up() -> None:
    for changes in ({"jury": RANKING_JURY}, {"vote": {"ballot": "ranking", "method": "schulze-winning"}}):
        award = parse_event(with_award(**changes)).awards[0]
        assert (award.decision.blend, award.decision.jury_round) == (Blend.POINTS, "jury")
        check_shares(award)


def test_shares_may_name_the_jury_whose_figures_add_up() -> None:
    both = [{"id": "first", **JURY}, {"id": "last", **RANKING_JURY}]
    shares = with_award(jury=both, decision={"blend": "shares", "jury_round": "first"})
    check_shares(parse_event(shares).awards[0])
    assert list(faults_of(with_award(jury=both, decision={"blend": "shares"}))) == ["awards.0.decision.blend"]
    points = with_award(jury=both, decision={"jury_round": "last"})
    assert parse_event(points).awards[0].decision.blend is Blend.POINTS


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"decision": {"weights": {"jury": 0, "audience": 0}}}, "decision.weights", "sum above 0"),
        ({"decision": {"blend": "points", "tables": [3, 2, 4]}}, "decision.tables", "place 3 has 4 after 2"),
        ({"approvals": 4}, "approvals", "from 1 to 3"),
        ({"approvals": 1, "scrutineers": None}, "approvals", "only an award with scrutineers"),
        ({"decision": {"ladder": ["countback"]}}, "decision.ladder", "shared or lot as the last rung"),
        (
            {"decision": {"ladder": ["shared", "chair", "lot"], "draw": "x"}},
            "decision.ladder.0",
            "nothing can follow",
        ),
        ({"decision": {"ladder": ["lot"]}}, "decision.ladder", "needs a public draw"),
        ({"decision": {"ladder": ["criterion:neww", "shared"]}}, "decision.ladder.0", "did you mean “new”"),
        ({"jury": JURY, "decision": {"ladder": ["chair", "shared"]}}, "decision.ladder.0", "chair: true"),
        (
            {"vote": None, "decision": {"ladder": ["audience", "shared"]}},
            "decision.ladder.0",
            "expected a vote",
        ),
        ({"vote": None, "decision": {"blend": "shares"}}, "decision.blend", "needs a jury and a vote"),
        ({"jury": None, "decision": {"blend": "jury"}}, "decision.blend", "needs a round of the jury"),
        (
            {"jury": RANKING_JURY, "decision": {"blend": "shares"}},
            "decision.blend",
            "figures of the jury rule irv have no shares; expected points or audience or jury",
        ),
        (
            {"vote": {"ballot": "ranking"}, "decision": {"blend": "shares"}},
            "decision.blend",
            "figures of the method irv have no shares; expected points or audience or jury",
        ),
        ({"jury": None, "vote": None}, "", "expected a jury, a vote or both"),
        ({"jury": JURY | {"shortlist": 3}}, "jury.shortlist", "from 1 to 2"),
        ({"jury": JURY | {"boundary": "ladder"}}, "jury.boundary", "only a shortlist"),
        ({"jury": JURY | {"rule": "trimmed"}}, "jury", "at least 5 jurors"),
        ({"jury": JURY | {"drop": 1}}, "jury.drop", "only the rule trimmed"),
        ({"jury": {"jurors": ["Ida"]}}, "jury.criteria", "is missing"),
        ({"jury": JURY | {"quorum": {"share": "3/2"}}}, "jury.quorum.share", "at most 1"),
        ({"jury": JURY | {"quorum": {"min": 3}}}, "jury.quorum.min", "from 1 to 2"),
        ({"jury": JURY | {"jurors": CHAIRS}}, "jury.jurors.1", "at most one chair"),
        ({"jury": JURY | {"jurors": [{"id": "2", "name": "a"}, "b"]}}, "jury.jurors.1", "expected an id"),
        ({"jury": JURY | {"id": "runoff1"}}, "jury.id", "does not begin with"),
        ({"jury": JURY | {"id": "vote"}}, "vote", "another round already has"),
        ({"session": "nowhere"}, "session", "is not the id of a session"),
        ({"candidates": ["Aa"]}, "candidates", "2 to 50"),
        ({"candidates": ["Aa", "Aa"]}, "candidates.1", "candidate 1 reads the same"),
        ({"candidates": [{"id": "nobody", "name": "N"}, "B"]}, "candidates.0.id", "none of the above"),
        (
            {"vote": {"electorate": "devices", "classes": [{"id": "a", "name": "A"}]}},
            "vote.classes",
            "only voters by code",
        ),
        ({"vote": {"most": 2}}, "vote.most", "names one candidate"),
        ({"vote": {"ballot": "ranking", "method": "plurality"}}, "vote.method", "irv, borda or schulze"),
        ({"vote": {"ballot": "ranking", "ties": True}}, "vote.ties", "without ties"),
        ({"vote": {"ballot": "approval", "least": 3, "most": 2}}, "vote.least", "from 1 to 2"),
        ({"pitches": True}, "pitches", "expected {seconds: 180}, or {} for pitches without a clock"),
        ({"pitches": {"seconds": 3601}}, "pitches.seconds", "expected 0 to 3600 seconds"),
        ({"pitches": {"minutes": 3}}, "pitches.minutes", "unknown key"),
        ({"scrutineers": [{"id": "organiser", "name": "O"}]}, "scrutineers.0.id", "expected another id"),
    ],
)
def test_a_fault_names_its_place_and_what_was_expected(changes: Data, path: str, message: str) -> None:
    faults = faults_of(with_award(**changes))
    where = f"awards.0.{path}".rstrip(".")
    assert message in faults.get(where, str(faults))
    assert list(faults) == [where]


def test_a_candidate_with_a_fault_casts_no_doubt_on_the_shortlist() -> None:
    """With one candidate of four refused, a shortlist of three was called too long as well."""
    data = with_award(candidates=["Aa", "Bb", {"id": "Üb", "name": "Cc"}, "Dd"])
    data["awards"][0]["jury"]["shortlist"] = 3

    assert list(faults_of(data)) == ["awards.0.candidates.2.id"]


def test_what_is_no_mapping_is_told_which_keys_are_expected() -> None:
    faults = faults_of(with_award(vote="devices"))

    assert faults["awards.0.vote"] == (
        "expected keys with values (id, electorate, classes, ballot, method, abstain, …), found “devices”"
    )


def test_two_awards_need_ids_of_their_own() -> None:
    data = with_award()
    data["awards"] *= 2
    assert "another award has “best”" in faults_of(data)["awards.1.id"]


def test_pitches_are_absent_unless_asked_for_and_have_a_clock_only_with_seconds() -> None:
    assert parse_event(with_award()).awards[0].pitches is None
    for given, seconds in (({}, 0), ({"seconds": 0}, 0), ({"seconds": 180}, 180), ({"seconds": "3m"}, 180)):
        event = parse_event(with_award(pitches=given))
        assert event.awards[0].pitches == Pitches(seconds=seconds)
        assert parse_event(dump_event(event)) == event


def test_pitches_are_no_part_of_the_rules_that_are_frozen() -> None:
    without, with_clock = parse_event(with_award()), parse_event(with_award(pitches={"seconds": 180}))
    assert rules_hash(with_clock.awards[0], with_clock) == rules_hash(without.awards[0], without)
    for old, new in ((without, with_clock), (with_clock, without)):
        assert change_faults(old, new, frozenset(), FROZEN) == []


def test_a_frozen_award_stays_as_it_was_but_for_session_note_and_countdown() -> None:
    old = parse_event(with_award())
    award = old.awards[0]
    assert award.vote is not None
    free = replace(award, note=Text.plain("n"), vote=replace(award.vote, countdown_s=60))
    assert change_faults(old, replace(old, awards=(free,)), frozenset(), FROZEN) == []
    changed = replace(award, title=Text.plain("Other"), approvals=1, checkpoint_s=9, checkpoint_min=9)
    (fault,) = change_faults(old, replace(old, awards=(changed,)), frozenset(), FROZEN)
    assert fault.path == ("awards", "best")
    assert fault.message == "is frozen, so it stays as it was; changed: title, approvals, checkpoints"
    (fault,) = change_faults(old, replace(old, awards=()), frozenset(), FROZEN)
    assert "missing" in fault.message
    (fault,) = change_faults(old, replace(old, languages=("de", "en")), frozenset(), FROZEN)
    assert fault.path == ("languages",)
    assert change_faults(old, replace(old, awards=()), frozenset()) == []


def test_what_is_written_is_short() -> None:
    dumped: Any = dump_event(parse_event(with_award()))
    award = dumped["awards"][0]
    assert award["candidates"] == ["Aa", "Bb", {"id": "c", "name": "Cc", "entrant": "Somewhere"}]
    assert award["vote"] == {"electorate": "codes", "ballot": "single"}
    assert award["scrutineers"] == ["Hanna", {"id": "iker", "name": "Iker"}, "Jo"]
    assert "approvals" not in award and "checkpoints" not in award
