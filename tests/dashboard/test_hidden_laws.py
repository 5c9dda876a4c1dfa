"""Law L7: what an audience may not see is in no byte that is made for it."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dashboard.console_buttons import main_button, quiet_buttons
from dashboard.figures import stage_figure, table_of
from dashboard.phone_view import phone_state
from dashboard.stage_view import stage_view
from dashboard.tables import ExportBallot, csv_rows, export_event
from polls.lifecycle import PollRun, PollState, freeze
from polls.model import PLENARY, Poll, ResultsMode, SegmentId
from tests.dashboard.samples import (
    BESIDE,
    CLOSED,
    JOIN_URL,
    MULTI,
    OPEN,
    PEOPLE,
    PERCENT,
    RACE,
    RATING,
    SEALED,
    SEGMENTS,
    state_of,
    with_poll,
)
from voting.count import count_poll
from voting.result import Entry

UNSEEN = (
    SEALED,
    OPEN,  # the reveal of a hidden poll while open is refused; even if it were not
    replace(CLOSED, visible=False),
    freeze(CLOSED, "recount"),
    replace(CLOSED, state=PollState.PUBLISHED, frozen="recount"),
)

polls = st.sampled_from([PERCENT, MULTI, RACE, PEOPLE, RATING, BESIDE]).map(
    lambda poll: replace(poll, results=ResultsMode.HIDDEN)
)


@st.composite
def two_tallies(draw: st.DrawFn) -> tuple[Poll, dict[Entry, int], dict[Entry, int]]:
    """A poll and two tallies of as many ballots that say different things."""
    poll = draw(polls)
    entries = st.builds(Entry, st.sampled_from(SEGMENTS), st.sampled_from([*poll.option_ids, "-"]))
    size = draw(st.integers(1, 40))
    pair = []
    for _ in range(2):
        tally: dict[Entry, int] = {}
        for entry in draw(st.lists(entries, min_size=size, max_size=size)):
            tally[entry] = tally.get(entry, 0) + 1
        pair.append(tally)
    return poll, pair[0], pair[1]


def everything_made(poll: Poll, run: PollRun, tally: Mapping[Entry, int]) -> str:
    """All that any face and any export shows of this state."""
    state = state_of(poll, run, event=with_poll(poll))
    result = count_poll(poll, tally, round=1, segments=[SegmentId(s) for s in SEGMENTS])
    view = stage_view(
        state, PLENARY, lang="en", result=result, counted=result.cast, phones=50, join_url=JOIN_URL
    )
    phones = [
        phone_state(state, room=PLENARY, segment=segment, lang="en", results={poll.id: result})
        for segment in (None, *map(SegmentId, (*SEGMENTS, "manager")))
    ]
    ballots = [
        ExportBallot(id=f"{entry}{i}", segment=entry.segment, choices=())
        for entry, count in tally.items()
        for i in range(count)
    ]
    export = export_event(state, {(poll.id, 1): result}, {poll.id: ballots}, exported_ms=0)
    main = main_button(state, PLENARY, "en")
    return repr(
        (
            view,
            stage_figure(view, "dark"),
            stage_figure(view, "light"),
            table_of(view),
            phones,
            export,
            csv_rows(export),
            main,
            quiet_buttons(state, PLENARY, main, result.cast, "en", 0),
        )
    )


@given(two_tallies(), st.sampled_from(UNSEEN))
def test_before_the_reveal_nothing_shown_depends_on_what_was_chosen(
    case: tuple[Poll, dict[Entry, int], dict[Entry, int]], run: PollRun
) -> None:
    poll, one, other = case
    assert everything_made(poll, run, one) == everything_made(poll, run, other)


@given(two_tallies())
def test_after_the_reveal_different_counts_do_show(
    case: tuple[Poll, dict[Entry, int], dict[Entry, int]],
) -> None:
    poll, one, other = case
    run = replace(CLOSED, state=PollState.PUBLISHED)
    plain = replace(poll, beside=())
    counts = [[line.count for line in count_poll(plain, tally, round=1).options] for tally in (one, other)]
    is_same = counts[0] == counts[1]
    shown = [everything_made(plain, run, tally) for tally in (one, other)]
    assert is_same or shown[0] != shown[1]


def test_a_phone_of_another_segment_gets_nothing_of_a_paper_that_is_not_its_own() -> None:
    hidden = replace(RACE, results=ResultsMode.HIDDEN)
    state = state_of(hidden, SEALED, event=with_poll(hidden))
    for segment in (None, SegmentId("audience")):
        made = repr(phone_state(state, room=PLENARY, segment=segment, lang="en", results={}))
        assert all(option.text.pick() not in made for option in hidden.options)
        assert hidden.question.pick() not in made
