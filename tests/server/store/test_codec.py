"""How values stand in the store."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from polls.award.life import AwardRun
from polls.desk import Desk
from polls.lifecycle import PollRun
from polls.model import EventId, PollId
from server.store import codec
from tests.server.store.hall import ballot, fresh_event
from voting.ballot import CastBallot


@given(st.builds(PollRun))
def test_a_run_comes_back_equal(run: PollRun) -> None:
    assert codec.decode_run(codec.encode_run(run)) == run


def test_a_run_always_names_the_fields_that_the_functions_read() -> None:
    assert {"state": "draft", "round": 0, "frozen": ""}.items() <= json.loads(
        codec.encode_run(PollRun())
    ).items()


@given(st.builds(AwardRun))
def test_an_award_comes_back_equal(run: AwardRun) -> None:
    assert codec.decode_award(codec.encode_award(run)) == run


@given(st.builds(Desk, poll=st.none() | st.text().map(PollId)))
def test_a_desk_comes_back_equal(desk: Desk) -> None:
    assert codec.decode_desk(codec.encode_desk(desk)) == desk


def test_a_desk_of_before_there_were_groups_can_be_read() -> None:
    assert codec.decode_desk('{"poll": "first", "blank": true}') == Desk(poll=PollId("first"), blank=True)


def test_an_event_and_its_rehearsal_come_back_equal() -> None:
    event = fresh_event()
    rehearsal = replace(event, id=EventId(f"{event.id}-rehearsal"), rehearsal_of=event.id)

    assert codec.decode_event(codec.encode_event(event)) == event
    assert codec.decode_event(codec.encode_event(rehearsal)) == rehearsal


def test_damaged_json_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        codec.decode_run('{"state": "half')
    with pytest.raises(msgspec.ValidationError):
        codec.decode_run('{"state": "ajar"}')


@given(voter=st.text(), rev=st.integers(), nonce=st.text(), segment=st.text(), canonical=st.text())
def test_a_ballot_that_can_be_stored_is_one_line_of_four_words(
    voter: str, rev: int, nonce: str, segment: str, canonical: str
) -> None:
    some = ballot(voter, rev)._replace(nonce=nonce, segment=segment, canonical=canonical)
    if codec.can_be_stored(some):
        line = f"{rev} {nonce} 0 {segment}|{canonical}"
        assert len(line.split()) == 4 and line.count("|") == 1 and voter != codec.CLOSE


words = st.sampled_from(
    ["", "a", "b c", " ", "a ", codec.CLOSE, "x" * 128, "x" * 129, "é", "a\n", "-", "1=2"]
)


@given(
    st.lists(
        st.builds(
            CastBallot,
            words | st.text(max_size=4),
            st.sampled_from([-1, 0, 1, codec.MAX_REV, codec.MAX_REV + 1]),
            words,
            words,
            words,
        ),
        min_size=1,
        max_size=4,
    )
)
@example([CastBallot("a b", 1, "n", "", "1"), CastBallot("c", 1, "n", "", "1")])
@example([CastBallot("a", 1, "n m", "", "1"), CastBallot("c", 1, "n", "", "1")])
@example([CastBallot("a", 1, "n", "", "1"), CastBallot("c", 1, "n", "g", "-")])
def test_ballots_can_be_stored_together_if_and_only_if_each_can(ballots: list[CastBallot]) -> None:
    assert codec.can_all_be_stored(ballots) == all(map(codec.can_be_stored, ballots))
