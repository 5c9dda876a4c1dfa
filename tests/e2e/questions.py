"""The questions that phones are asked in these tests, and what is in the box of each."""

import dataclasses

from polls.model import Event, Option, OptionId, OptionOrder, Poll, PollId, PollKind, Scale, Text
from tests.conftest import Running
from tests.polls.small_event import options

LUNCH = Poll(
    id=PollId("lunch"),
    kind=PollKind.SINGLE,
    question=Text.plain("How was lunch?"),
    options=options("Good", "Fair", "Poor"),
    abstain=True,
)
SKILLS = Poll(
    id=PollId("skills"),
    kind=PollKind.MULTIPLE,
    question=Text.plain("Which skills matter most?"),
    options=options("Digital", "Green", "Social", "Trade"),
    max_selections=2,
    order=OptionOrder.SHUFFLED,
)
USEFUL = Poll(
    id=PollId("useful"),
    kind=PollKind.RATING,
    question=Text.plain("How useful was this session?"),
    options=tuple(Option(id=OptionId(str(n)), text=Text.plain(str(n))) for n in range(11)),
    scale=Scale(low=0, high=10, low_label=Text.plain("not at all"), high_label=Text.plain("very")),
    countdown_s=90,
)
NEEDS = Poll(
    id=PollId("needs"),
    kind=PollKind.PREFERENCE,
    question=Text.plain("What do companies need most?"),
    options=(
        *options("Train staff", "Cut red tape", "Find partners"),
        Option(id=OptionId("4"), text=Text.plain("Raise money"), detail=Text.plain("grants and loans")),
    ),
    max_selections=3,
    abstain=True,
)
TIED = dataclasses.replace(NEEDS, id=PollId("tied"), ties=True, max_selections=4)
SHUFFLED = dataclasses.replace(
    NEEDS, id=PollId("shuffled"), order=OptionOrder.SHUFFLED, abstain=False, max_selections=2
)
QUESTIONS = (LUNCH, SKILLS, USEFUL, NEEDS, TIED, SHUFFLED)


async def in_the_box(running: Running, event: Event, poll: str) -> dict[str, int]:
    """Ballots by what is on them."""
    at = (PollId(poll), 1)
    snapshot = await running.store.snapshot(event.id, [at])
    assert snapshot is not None
    return {key.rsplit("|", 1)[-1]: count for key, count in snapshot.tallies[at].items()}


async def total(running: Running, event: Event, poll: str) -> int:
    return sum((await in_the_box(running, event, poll)).values())
