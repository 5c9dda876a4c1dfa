"""One ballot's way from a decoded frame to its receipt: identify, validate, decide and record, answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

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
from voting.ballot import BoxEntry, CastBallot, selections_of
from voting.errors import BallotInvalid, VotingError
from voting.ports import BallotBox
from voting.voterkey import VoterKeys, voter_key

RETRY_MS = 2_000
"""How long a phone should wait before it sends a ballot again that met a busy store, in ms."""


def own_ballot(poll: Poll, round: int, entry: BoxEntry, timezone: str) -> Own:
    """A ballot in the box as its voter is told of it."""
    return Own(
        poll=poll.id,
        round=round,
        rev=entry.rev,
        nonce=entry.nonce,
        selections=list(selections_of(poll, entry.canonical)),
        counted_ms=entry.counted_ms,
        at=local_time(entry.counted_ms, timezone),
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
    draft = _Draft(live, batchers, voter, frame, reply, round, canonical)
    if round.keys is not None:
        draft.submit(round.keys)
    else:  # the first ballot of a round that this process sees
        _fetching.add(task := asyncio.create_task(draft.fetch_key_and_submit()))
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


@dataclass(slots=True)  # not frozen: that would make it three times as dear, and there is one for each ballot
class _Draft:
    """A valid ballot on its way into the box, and whom to tell what became of it."""

    live: LiveEvent
    batchers: Batchers
    voter: Voter
    frame: Cast
    reply: Callable[[Reply], None]
    round: LiveRound
    canonical: str

    async def fetch_key_and_submit(self) -> None:
        frame = self.frame
        try:
            secret = await self.live.round_key(self.round.poll.id, frame.round)
            if secret is None and await self.was_counted():
                return
        except VotingError as error:
            self.reply(reject(frame, self.voter.lang, error.code))
            return
        if secret is None:
            self.reply(reject(frame, self.voter.lang, "closed" if frame.round == 0 else "other_round"))
            return
        self.submit(VoterKeys(secret))

    async def was_counted(self) -> bool:
        """Whether this is a late retry of a ballot of a round that is sealed; then its voter is told so."""
        frame, live = self.frame, self.live
        if not await live.was_counted(self.round.poll.id, frame.round, frame.nonce):
            return False
        # The moment is forgotten; it was by the close.
        closed_ms = live.closed_ms(self.round.poll.id, frame.round)
        entry = BoxEntry(frame.rev, frame.nonce, self.voter.seat.segment, self.canonical, closed_ms)
        own = own_ballot(self.round.poll, frame.round, entry, self.round.timezone)
        self.reply(Receipt(ref=frame.ref, own=own, again=True))
        return True

    async def refuse_unless_counted(self, code: str) -> None:
        try:
            if not await self.was_counted():
                self.reply(reject(self.frame, self.voter.lang, code))
        except VotingError as error:
            self.reply(reject(self.frame, self.voter.lang, error.code))

    def submit(self, keys: VoterKeys) -> None:
        frame, voter = self.frame, self.voter
        ballot = CastBallot(keys.of(voter.device), frame.rev, frame.nonce, voter.seat.segment, self.canonical)
        self.batchers.submit(self.live.id, self.round.poll.id, frame.round, ballot, self.decided)

    def decided(self, answer: Decided) -> None:
        frame, lang = self.frame, self.voter.lang
        if isinstance(answer, VotingError):
            self.reply(reject(frame, lang, answer.code))
            return
        own = None
        if answer.entry is not None:
            own = own_ballot(self.round.poll, frame.round, answer.entry, self.round.timezone)
        if answer.is_counted and own is not None:
            self.reply(Receipt(ref=frame.ref, own=own, again=answer.code == "dup"))
        elif own is None and self.live.is_over(self.round.poll.id, frame.round):
            # It was on its way while the round was sealed.
            _fetching.add(task := asyncio.create_task(self.refuse_unless_counted(answer.code)))
            task.add_done_callback(_fetching.discard)
        else:
            self.reply(reject(frame, lang, answer.code, own=own))


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
    wanted: list[tuple[PollId, int, str]] = []
    polls: list[Poll] = []
    for _, poll in live.state.event.polls():
        run = live.state.run(poll.id)
        if run.round and run.state is not PollState.DRAFT:
            secret = await live.round_key(poll.id, run.round)
            if secret is not None:
                polls.append(poll)
                wanted.append((poll.id, run.round, voter_key(secret, device)))
    entries = await box.own(live.id, wanted) if wanted else []
    return [
        own_ballot(poll, round, entry, live.state.event.timezone)
        for poll, (_, round, _), entry in zip(polls, wanted, entries, strict=True)
        if entry is not None
    ]
