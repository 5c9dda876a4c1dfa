"""Awards in an event file: candidates, rounds, how they decide together, who countersigns."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from polls.award.life import ORGANISER
from polls.award.model import (
    NOBODY,
    Award,
    AwardId,
    Candidate,
    CandidateId,
    Pitches,
    ScrutineerId,
)
from polls.eventfile import fields
from polls.eventfile.award_decision import Rounds, read_decision
from polls.eventfile.award_rounds import (
    NAME_MAX,
    read_juries,
    read_named,
    read_place_id,
    read_texted,
    read_vote,
)
from polls.eventfile.parts import Part
from polls.eventfile.poll import NOTE_MAX, OPTION_MAX
from polls.model import SessionId, Text

PITCH_MAX_S = 3600
AWARDS_MAX, TITLE_MAX, CANDIDATES_MAX, SCRUTINEERS_MAX = 50, 200, 50, 20
CHECKPOINT_MIN_S, CHECKPOINT_MAX_S, CHECKPOINT_BALLOTS_MAX = 5, 600, 10_000

USUAL_APPROVALS = 2
_OPTIONAL = (
    *("session", "note", "none_of_the_above", "jury", "vote", "pitches", "decision"),
    *("scrutineers", "approvals", "checkpoints"),
)


def usual_approvals(scrutineers: int) -> int:
    """How many must approve where the file does not say; one, the organiser, where there are none."""
    return min(USUAL_APPROVALS, scrutineers) or 1


def read_awards(part: Part, sessions: Collection[str], languages: Sequence[str]) -> tuple[Award, ...]:
    """All awards; those with faults are left out."""
    taken: set[str] = set()
    found = [_award(item, taken, sessions, languages) for item in part.items("awards", 0, AWARDS_MAX)]
    return tuple(award for award in found if award is not None)


def award_items(data: object) -> Iterator[tuple[str, int]]:
    """The id and the place of each award in plain data that parses."""
    awards = data.get("awards") if isinstance(data, Mapping) else None
    for place, item in enumerate(awards if isinstance(awards, list) else ()):
        if isinstance(item, Mapping):
            yield str(item.get("id")), place


def _award(part: Part, taken: set[str], sessions: Collection[str], languages: Sequence[str]) -> Award | None:
    before = len(part.faults)
    parts = part.keys(("id", "title", "candidates"), _OPTIONAL)
    award_id = fields.new_id(parts["id"], taken, "award") if "id" in parts else None
    if award_id is not None:
        taken.add(award_id)
    title = fields.text(parts["title"], TITLE_MAX, languages) if "title" in parts else None
    note = fields.text(parts["note"], NOTE_MAX, languages) if "note" in parts else None
    session = fields.known_id(parts["session"], sessions, "session") if "session" in parts else None
    nobody = fields.flag(parts["none_of_the_above"]) if "none_of_the_above" in parts else False
    candidates: tuple[Candidate, ...] = ()
    if "candidates" in parts:
        candidates = _candidates(parts["candidates"], 1 if nobody else 2, languages)
    # All that are listed: one with a fault of its own is no reason to doubt the length of a shortlist.
    listed = parts["candidates"].value if "candidates" in parts else None
    entered = (len(listed) if isinstance(listed, list) else 0) or CANDIDATES_MAX
    jury = read_juries(parts["jury"], entered, languages) if "jury" in parts else ()
    standing = next((r.shortlist for r in reversed(jury) if r.shortlist), entered) + bool(nobody)
    ids: set[str] = {r.id for r in jury}
    vote = read_vote(parts["vote"], ids, standing, languages) if "vote" in parts else None
    pitches = _pitches(parts["pitches"]) if "pitches" in parts else None
    if parts and "jury" not in parts and "vote" not in parts:
        part.fault("expected a jury, a vote or both; for a vote by code with no other wishes write vote: {}")
    scrutineers = _scrutineers(parts["scrutineers"]) if "scrutineers" in parts else ()
    approvals: int | None = usual_approvals(len(scrutineers))
    if "approvals" in parts:
        if "scrutineers" in parts:
            approvals = fields.whole(parts["approvals"], 1, max(len(scrutineers), 1))
        else:
            parts["approvals"].fault("only an award with scrutineers has approvals; the organiser's is one")
    every, ballots = _checkpoints(parts["checkpoints"]) if "checkpoints" in parts else (15, 20)
    if len(part.faults) > before:
        return None  # a decision about rounds with faults would only bring more of them
    decision = read_decision(parts.get("decision"), Rounds(jury, vote))
    if decision is None or not (award_id and title and candidates and approvals):
        return None
    return Award(
        id=AwardId(award_id),
        title=title,
        candidates=candidates,
        session=None if session is None else SessionId(session),
        note=note,
        none_of_the_above=bool(nobody),
        jury=jury,
        vote=vote,
        pitches=pitches,
        decision=decision,
        scrutineers=scrutineers,
        approvals=approvals,
        checkpoint_s=every,
        checkpoint_min=ballots,
    )


def _candidates(part: Part, least: int, languages: Sequence[str]) -> tuple[Candidate, ...]:
    found: list[Candidate] = []
    taken: set[str] = set()
    looks: dict[tuple[str, ...], int] = {}
    items = part.items("candidates", least, CANDIDATES_MAX)
    for number, item in enumerate(items, 1):
        parts = read_texted(item, languages, ("entrant", "detail"))
        candidate_id = read_place_id(item, parts, number, taken, "candidate of this award")
        if candidate_id == NOBODY:
            parts["id"].fault(f"expected another id; “{NOBODY}” is that of “none of the above”")
        texts: dict[str, Text | None] = {
            key: fields.text(parts[key], OPTION_MAX, languages)
            for key in ("name", "entrant", "detail")
            if key in parts
        }
        name = texts.get("name")
        if candidate_id is None or name is None:
            continue
        for tag in languages:
            look = (
                tag,
                *((text.pick(tag) if text else "") for text in map(texts.get, ("name", "entrant", "detail"))),
            )
            if (first := looks.setdefault(look, number)) != number:
                item.fault(f"expected another text; candidate {first} reads the same")
                break
        found.append(
            Candidate(
                id=CandidateId(candidate_id),
                name=name,
                entrant=texts.get("entrant"),
                detail=texts.get("detail"),
            )
        )
    return tuple(found)


def _scrutineers(part: Part) -> tuple[tuple[ScrutineerId, str], ...]:
    found: list[tuple[ScrutineerId, str]] = []
    taken: set[str] = set()
    for number, item in enumerate(part.items("scrutineers", 1, SCRUTINEERS_MAX), 1):
        parts = read_named(item, ())
        name = fields.line(parts["name"], NAME_MAX) if "name" in parts else None
        scrutineer = read_place_id(item, parts, number, taken, "scrutineer of this award")
        if scrutineer == ORGANISER:
            parts["id"].fault(f"expected another id; “{ORGANISER}” approves awards without scrutineers")
        if scrutineer and name:
            found.append((ScrutineerId(scrutineer), name))
    return tuple(found)


def _pitches(part: Part) -> Pitches:
    if not isinstance(part.value, dict):
        part.expected("{seconds: 180}, or {} for pitches without a clock")
        return Pitches()
    parts = part.keys((), ("seconds",))
    seconds = fields.seconds(parts["seconds"], 0, PITCH_MAX_S) if "seconds" in parts else 0
    return Pitches(seconds=seconds or 0)


def _checkpoints(part: Part) -> tuple[int, int]:
    parts = part.keys((), ("every", "min_new"))
    every, ballots = None, None
    if "every" in parts:
        every = fields.seconds(parts["every"], CHECKPOINT_MIN_S, CHECKPOINT_MAX_S)
    if "min_new" in parts:
        ballots = fields.whole(parts["min_new"], 1, CHECKPOINT_BALLOTS_MAX)
    return every or 15, ballots or 20
