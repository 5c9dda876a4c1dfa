"""One ballot's way from a decoded frame to its receipt: identify, validate, decide and record, answer."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

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
from voting.ballot import COUNTED, BoxEntry, cast_ballot_of, selections_of
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


class Casting(msgspec.Struct, gc=False, eq=False):
    """A valid ballot on its way into the box, and all that its voter's answer needs.

    Unknown to the garbage collector: nothing that lives longer than the answer refers to it.
    """

    live: LiveEvent
    round: LiveRound
    voter: Voter
    frame: Cast
    canonical: str
    reply: Callable[[Reply], None]

    def submit(self, batchers: Batchers, keys: VoterKeys) -> None:
        """Put it into the next batch."""
        voter, frame = self.voter, self.frame
        ballot = cast_ballot_of(
            (keys.of(voter.device), frame.rev, frame.nonce, voter.seat.segment, self.canonical)
        )
        batchers.submit(self.live.id, self.round.poll.id, frame.round, ballot, self)

    async def fetch_key_and_submit(self, batchers: Batchers) -> None:
        """The same for the first ballot of a round that this process sees."""
        frame = self.frame
        try:
            secret = await self.live.round_key(self.round.poll.id, frame.round)
            if secret is None and await self._was_counted():
                return
        except VotingError as error:
            self.reply(reject(frame, self.voter.lang, error.code))
            return
        if secret is None:
            self.reply(reject(frame, self.voter.lang, "closed" if frame.round == 0 else "other_round"))
            return
        self.submit(batchers, VoterKeys(secret))

    def decided(self, answer: Decided) -> None:
        """Tell the voter what became of it."""
        frame, round = self.frame, self.round
        if isinstance(answer, VotingError):
            self.reply(reject(frame, self.voter.lang, answer.code))
            return
        code, entry = answer
        own = None if entry is None else own_ballot(round.poll, frame.round, entry, round.timezone)
        if own is not None and code in COUNTED:
            self.reply(Receipt(frame.ref, own, code == "dup"))
        elif own is None and self.live.is_over(round.poll.id, frame.round):
            # It was on its way while the round was sealed.
            _in_the_background(self._refuse_unless_counted(code))
        else:
            self.reply(reject(frame, self.voter.lang, code, own=own))

    async def _refuse_unless_counted(self, code: str) -> None:
        try:
            if not await self._was_counted():
                self.reply(reject(self.frame, self.voter.lang, code))
        except VotingError as error:
            self.reply(reject(self.frame, self.voter.lang, error.code))

    async def _was_counted(self) -> bool:
        """Whether this is a late retry of a ballot of a round that is sealed; then its voter is told so."""
        live, round, frame = self.live, self.round, self.frame
        if not await live.was_counted(round.poll.id, frame.round, frame.nonce):
            return False
        # The moment is forgotten; it was by the close.
        closed_ms = live.closed_ms(round.poll.id, frame.round)
        entry = BoxEntry(frame.rev, frame.nonce, self.voter.seat.segment, self.canonical, closed_ms)
        self.reply(Receipt(frame.ref, own_ballot(round.poll, frame.round, entry, round.timezone), True))
        return True


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
        live.senders.note(round.received, voter.device)
    try:
        canonical = live.fill_in(round.poll, frame.selections, voter.seat.segment)
    except BallotInvalid as error:
        reply(reject(frame, voter.lang, error.code, most=round.poll.max_selections))
        return
    casting = Casting(live, round, voter, frame, canonical, reply)
    if round.keys is not None:
        casting.submit(batchers, round.keys)
    else:
        _in_the_background(casting.fetch_key_and_submit(batchers))


_running: set[asyncio.Task[None]] = set()
"""Tasks need a reference while they run."""


def _in_the_background(work: Coroutine[object, object, None]) -> None:
    _running.add(task := asyncio.create_task(work))
    task.add_done_callback(_running.discard)


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
            # A damaged one, which a recount names, keeps nothing from those who are read with it.
            with suppress(ValueError):
                own[place].append(own_ballot(poll, round, entry, live.state.event.timezone))
    return own
