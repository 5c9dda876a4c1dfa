"""One ballot's way from a decoded frame to its receipt: identify, validate, decide and record, answer."""

from collections.abc import Callable

from dashboard.words import say
from polls.lifecycle import PollState
from polls.model import PollId, SegmentId
from server.auth import Seat
from server.clock import local_time
from server.errors import TEMPORARY_CODES
from server.live.batch import Batchers
from server.live.event import LiveEvent
from server.wire import Cast, Own, Receipt, Reject, Reply
from voting.ballot import BoxEntry, CastBallot, CastOutcome, chosen, fill_in
from voting.errors import BallotInvalid, VotingError
from voting.ports import BallotBox
from voting.voterkey import voter_key

RETRY_MS = 2_000
"""How long a phone should wait before it sends a ballot again that met a busy store, in ms."""


def own_ballot(poll: str, round: int, entry: BoxEntry, timezone: str) -> Own:
    """A ballot in the box as its voter is told of it."""
    return Own(
        poll=poll,
        round=round,
        rev=entry.rev,
        nonce=entry.nonce,
        selections=list(chosen(entry.canonical)),
        counted_ms=entry.counted_ms,
        at=local_time(entry.counted_ms, timezone),
    )


async def cast_ballot(
    live: LiveEvent, batchers: Batchers, device: str, seat: Seat, frame: Cast, lang: str
) -> Reply:
    """Put one ballot into the box and say what became of it.

    `device` is the identity from the signed cookie; nothing in the frame is believed about who votes.
    Never raises for anything a client can send: the answer is a Receipt or a Reject.
    """

    def reject(code: str, own: Own | None = None, message: str | None = None) -> Reject:
        temporary = code in TEMPORARY_CODES
        return Reject(
            ref=frame.ref,
            code=code,
            temporary=temporary,
            message=message or say(lang, f"reject_{code}"),
            poll=frame.poll,
            round=frame.round,
            own=own,
            retry_ms=RETRY_MS if temporary else None,
        )

    event = live.state.event
    found = event.find_poll(frame.poll)
    if found is None:
        return reject("no_such_poll")
    poll = found[1]
    try:
        canonical = fill_in(poll, frame.selections, _segment(live, seat))
    except BallotInvalid as error:
        return reject(error.code, message=say(lang, f"reject_{error.code}", n=poll.max_selections))
    try:
        secret = await live.round_key(poll.id, frame.round)
        if secret is None:
            return reject("closed" if frame.round == 0 else "other_round")
        ballot = CastBallot(
            voter=voter_key(secret, device),
            rev=frame.rev,
            nonce=frame.nonce,
            segment=seat.segment,
            canonical=canonical,
        )
        outcome = await batchers.cast(live.id, poll.id, frame.round, ballot)
    except VotingError as error:
        return reject(error.code)
    return _answer(frame, outcome, event.timezone, reject)


def _answer(
    frame: Cast, outcome: CastOutcome, timezone: str, reject: Callable[[str, Own | None], Reject]
) -> Reply:
    own = None
    if outcome.entry is not None:
        own = own_ballot(frame.poll, frame.round, outcome.entry, timezone)
    if outcome.is_counted and own is not None:
        return Receipt(ref=frame.ref, own=own, again=outcome.code == "dup")
    return reject(outcome.code, own)


async def own_ballots(live: LiveEvent, box: BallotBox, device: str) -> list[Own]:
    """A device's ballots in every poll's present round, open or not."""
    wanted: list[tuple[PollId, int, str]] = []
    for _, poll in live.state.event.polls():
        run = live.state.run(poll.id)
        if run.round and run.state is not PollState.DRAFT:
            secret = await live.round_key(poll.id, run.round)
            if secret is not None:
                wanted.append((poll.id, run.round, voter_key(secret, device)))
    entries = await box.own(live.id, wanted) if wanted else []
    return [
        own_ballot(poll_id, round, entry, live.state.event.timezone)
        for (poll_id, round, _), entry in zip(wanted, entries, strict=True)
        if entry is not None
    ]


def _segment(live: LiveEvent, seat: Seat) -> SegmentId | None:
    return SegmentId(seat.segment) if live.state.event.segment(seat.segment) else None
