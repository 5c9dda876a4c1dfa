"""One ballot's way from a decoded frame to its receipt: identify, validate, decide and record, answer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from dashboard.words import say
from polls.lifecycle import PollState
from polls.model import Poll, PollId
from server.auth import Seat
from server.clock import local_time
from server.errors import TEMPORARY_CODES
from server.live.batch import Batchers, Decided
from server.live.event import LiveEvent
from server.live.rounds import LiveRound
from server.wire import Cast, Own, Receipt, Reject, Reply
from voting.ballot import COUNTED, BoxEntry, CastBallot, selections_of
from voting.errors import BallotInvalid, VotingError
from voting.ports import BallotBox
from voting.voterkey import VoterKeys

RETRY_MS = 2_000
"""How long a phone should wait before it sends a ballot again that met a busy store, in ms."""


def own_ballot(poll: Poll, round: int, entry: BoxEntry, timezone: str) -> Own:
    """A ballot in the box as its voter is told of it."""
    rev, nonce, _, canonical, counted_ms = entry
    # By position: names would make it half as dear again, and there is one for each ballot.
    return Own(
        poll.id,
        round,
        rev,
        nonce,
        selections_of(poll, canonical),
        counted_ms,
        local_time(counted_ms, timezone),
    )


@dataclass(frozen=True, slots=True)
class Voter:
    """Whoever a connection or request speaks for: `device` is the identity from the signed cookie, `seat`
    the group and room its person chose, `lang` the language to answer in."""

    device: str
    seat: Seat
    lang: str


def begin_cast(
    live: LiveEvent, batchers: Batchers, voter: Voter, frame: Cast, reply: Callable[[Reply], None]
) -> None:
    """Put one ballot on its way into the box; `reply` is called once with what became of it.

    Nothing in the frame is believed about who votes. Never raises for anything a client can send: the
    answer is a Receipt or a Reject.
    """
    round = live.find_round(frame.poll, frame.round)
    if round is None:
        reply(reject(frame, voter.lang, "no_such_poll"))
        return
    if round.received:
        live.received_here[round.received] += 1
    try:
        canonical = live.fill_in(round.poll, frame.selections, voter.seat.segment)
    except BallotInvalid as error:
        reply(reject(frame, voter.lang, error.code, most=round.poll.max_selections))
        return
    if round.keys is not None:
        _submit(live, batchers, voter, frame, reply, round, canonical, round.keys)
    else:  # the first ballot of a round that this process sees
        submit = partial(_submit, live, batchers, voter, frame, reply, round, canonical)
        work = _fetch_key_and_submit(live, voter, frame, reply, round, canonical, submit)
        _fetching.add(task := asyncio.create_task(work))
        task.add_done_callback(_fetching.discard)


_fetching: set[asyncio.Task[None]] = set()
"""Tasks need a reference while they run."""


async def cast_ballot(
    live: LiveEvent, batchers: Batchers, device: str, seat: Seat, frame: Cast, lang: str
) -> Reply:
    """`begin_cast` for callers that wait: gives the Receipt or Reject."""
    future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def reply(answer: Reply) -> None:
        if not future.done():  # whoever waited may have gone
            future.set_result(answer)

    begin_cast(live, batchers, Voter(device, seat, lang), frame, reply)
    return await future


async def _fetch_key_and_submit(
    live: LiveEvent,
    voter: Voter,
    frame: Cast,
    reply: Callable[[Reply], None],
    round: LiveRound,
    canonical: str,
    submit: Callable[[VoterKeys], None],
) -> None:
    try:
        secret = await live.round_key(round.poll.id, frame.round)
        if secret is None and await _was_counted(live, round, frame, voter, canonical, reply):
            return
    except VotingError as error:
        reply(reject(frame, voter.lang, error.code))
        return
    if secret is None:
        reply(reject(frame, voter.lang, "closed" if frame.round == 0 else "other_round"))
        return
    submit(VoterKeys(secret))


def _submit(
    live: LiveEvent,
    batchers: Batchers,
    voter: Voter,
    frame: Cast,
    reply: Callable[[Reply], None],
    round: LiveRound,
    canonical: str,
    keys: VoterKeys,
) -> None:
    """Put a valid ballot into the next batch."""
    ballot = CastBallot(keys.of(voter.device), frame.rev, frame.nonce, voter.seat.segment, canonical)
    decided = partial(_decided, live, round, frame, voter, canonical, reply)
    batchers.submit(live.id, round.poll.id, frame.round, ballot, decided)


def _decided(
    live: LiveEvent,
    round: LiveRound,
    frame: Cast,
    voter: Voter,
    canonical: str,
    reply: Callable[[Reply], None],
    answer: Decided,
) -> None:
    """Tell the voter what became of a ballot."""
    if isinstance(answer, VotingError):
        reply(reject(frame, voter.lang, answer.code))
        return
    code, entry = answer
    own = None if entry is None else own_ballot(round.poll, frame.round, entry, round.timezone)
    if own is not None and code in COUNTED:
        reply(Receipt(frame.ref, own, code == "dup"))
    elif own is None and live.is_over(round.poll.id, frame.round):
        # It was on its way while the round was sealed.
        work = _refuse_unless_counted(live, round, frame, voter, canonical, reply, code)
        _fetching.add(task := asyncio.create_task(work))
        task.add_done_callback(_fetching.discard)
    else:
        reply(reject(frame, voter.lang, code, own=own))


async def _was_counted(
    live: LiveEvent,
    round: LiveRound,
    frame: Cast,
    voter: Voter,
    canonical: str,
    reply: Callable[[Reply], None],
) -> bool:
    """Whether this is a late retry of a ballot of a round that is sealed; then its voter is told so."""
    if not await live.was_counted(round.poll.id, frame.round, frame.nonce):
        return False
    # The moment is forgotten; it was by the close.
    closed_ms = live.closed_ms(round.poll.id, frame.round)
    entry = BoxEntry(frame.rev, frame.nonce, voter.seat.segment, canonical, closed_ms)
    reply(Receipt(frame.ref, own_ballot(round.poll, frame.round, entry, round.timezone), True))
    return True


async def _refuse_unless_counted(
    live: LiveEvent,
    round: LiveRound,
    frame: Cast,
    voter: Voter,
    canonical: str,
    reply: Callable[[Reply], None],
    code: str,
) -> None:
    try:
        if not await _was_counted(live, round, frame, voter, canonical, reply):
            reply(reject(frame, voter.lang, code))
    except VotingError as error:
        reply(reject(frame, voter.lang, error.code))


def reject(frame: Cast, lang: str, code: str, *, own: Own | None = None, most: int = 0) -> Reject:
    """A ballot's refusal in words; `most` is the number of choices that the paper allows."""
    temporary = code in TEMPORARY_CODES
    return Reject(
        ref=frame.ref,
        code=code,
        temporary=temporary,
        message=say(lang, f"reject_{code}", n=most),
        poll=frame.poll,
        round=frame.round,
        own=own,
        retry_ms=RETRY_MS if temporary else None,
    )


async def own_ballots(live: LiveEvent, box: BallotBox, device: str) -> list[Own]:
    """A device's ballots in every poll's present round, open or not."""
    (own,) = await ballots_of(live, box, [device])
    return own


async def ballots_of(live: LiveEvent, box: BallotBox, devices: Sequence[str]) -> list[list[Own]]:
    """The same for several devices, which the store is asked for at once."""
    wanted: list[tuple[PollId, int, str]] = []
    asked: list[tuple[int, Poll, int]] = []
    for _, poll in live.state.event.polls():
        run = live.state.run(poll.id)
        if run.round and run.state is not PollState.DRAFT:
            secret = await live.round_key(poll.id, run.round)
            if secret is not None:
                keys = VoterKeys(secret)
                wanted += [(poll.id, run.round, keys.of(device)) for device in devices]
                asked += [(place, poll, run.round) for place in range(len(devices))]
    own: list[list[Own]] = [[] for _ in devices]
    entries = await box.own(live.id, wanted) if wanted else []
    for (place, poll, round), entry in zip(asked, entries, strict=True):
        if entry is not None:
            own[place].append(own_ballot(poll, round, entry, live.state.event.timezone))
    return own
