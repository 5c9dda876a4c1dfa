"""Awards in an event file: candidates, rounds, how they decide together, who countersigns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from polls.award.life import ORGANISER
from polls.award.model import (
    CRITERION_RUNG,
    NOBODY,
    POINTS_TABLE,
    Award,
    AwardId,
    BallotForm,
    Blend,
    Candidate,
    CandidateId,
    Decision,
    JuryRound,
    RoundId,
    Rung,
    ScrutineerId,
    VoteRound,
)
from polls.eventfile import fields
from polls.eventfile.award_rounds import (
    NAME_MAX,
    WEIGHT_MAX,
    read_juries,
    read_named,
    read_place_id,
    read_table,
    read_texted,
    read_vote,
)
from polls.eventfile.parts import Part, nearest
from polls.eventfile.poll import NOTE_MAX, OPTION_MAX
from polls.model import SessionId, Text

AWARDS_MAX, TITLE_MAX, CANDIDATES_MAX, SCRUTINEERS_MAX, DRAW_MAX = 50, 200, 50, 20, 300
CHECKPOINT_MIN_S, CHECKPOINT_MAX_S, CHECKPOINT_BALLOTS_MAX = 5, 600, 10_000

USUAL_APPROVALS = 2
_OPTIONAL = (
    *("session", "note", "none_of_the_above", "jury", "vote", "decision"),
    *("scrutineers", "approvals", "checkpoints"),
)


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds that a decision is about."""

    jury: Sequence[JuryRound]
    vote: VoteRound | None

    def blends(self) -> tuple[Blend, ...]:
        """The blends that fit, the usual one first: a shortlist is a gate, otherwise shares decide."""
        if self.vote is None:
            return (Blend.JURY,)
        if not self.jury:
            return (Blend.AUDIENCE,)
        if self.jury[-1].shortlist:
            return (Blend.AUDIENCE, Blend.SHARES, Blend.POINTS, Blend.JURY)
        return (Blend.SHARES, Blend.POINTS, Blend.AUDIENCE, Blend.JURY)

    def deciding(self, round_id: str | None) -> JuryRound | None:
        return next((r for r in self.jury if r.id == round_id), None)


def usual_approvals(scrutineers: int) -> int:
    """How many must approve where the file does not say; one, the organiser, where there are none."""
    return min(USUAL_APPROVALS, scrutineers) or 1


def usual_ladder(rounds: Rounds, blend: Blend) -> tuple[str, ...]:
    """The ladder of an award that names none: more of the audience, more first places, then shared."""
    return tuple(
        str(rung)
        for rung in (Rung.AUDIENCE, Rung.COUNTBACK, Rung.SHARED)
        if cannot_apply(str(rung), rounds, blend, None) is None
    )


def cannot_apply(rung: str, rounds: Rounds, blend: Blend, jury_round: str | None) -> str | None:
    """Why a rung can never part anyone; None when it can."""
    has_orders = bool(rounds.jury) or (rounds.vote is not None and rounds.vote.form is BallotForm.RANKING)
    if rung == Rung.AUDIENCE and (rounds.vote is None or blend is Blend.AUDIENCE):
        return "expected a vote that does not already decide alone"
    if rung == Rung.GROUPS and not rounds.jury and rounds.vote and rounds.vote.form is BallotForm.SINGLE:
        return "expected a jury, or ballots that name several candidates"
    if rung in (Rung.COUNTBACK, Rung.HEAD_TO_HEAD) and not has_orders:
        return "expected a jury, or ballots of form ranking"
    if rung == Rung.CHAIR and not any(juror.chair for r in rounds.jury for juror in r.jurors):
        return "expected a juror with chair: true"
    if rung.startswith(CRITERION_RUNG):
        juries = [r for r in rounds.jury if jury_round in (None, r.id)]
        criteria = [c.id for r in juries for c in r.criteria]
        wanted = rung.removeprefix(CRITERION_RUNG)
        if wanted not in criteria:
            return f"“{wanted}” is not the id of a criterion; {nearest(wanted, criteria)}"
    return None


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
    entered = len(candidates) or CANDIDATES_MAX
    jury = read_juries(parts["jury"], entered, languages) if "jury" in parts else ()
    standing = next((r.shortlist for r in reversed(jury) if r.shortlist), entered) + bool(nobody)
    ids: set[str] = {r.id for r in jury}
    vote = read_vote(parts["vote"], ids, standing, languages) if "vote" in parts else None
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
    decision = _decision(parts.get("decision"), Rounds(jury, vote))
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


def _checkpoints(part: Part) -> tuple[int, int]:
    parts = part.keys((), ("every", "min_new"))
    every, ballots = None, None
    if "every" in parts:
        every = fields.seconds(parts["every"], CHECKPOINT_MIN_S, CHECKPOINT_MAX_S)
    if "min_new" in parts:
        ballots = fields.whole(parts["min_new"], 1, CHECKPOINT_BALLOTS_MAX)
    return every or 15, ballots or 20


_OF_BLEND: Mapping[str, tuple[Blend, ...]] = {
    "jury_round": (Blend.JURY, Blend.POINTS, Blend.SHARES),
    "weights": (Blend.SHARES,),
    "tables": (Blend.POINTS,),
    "jury_only_without_audience": (Blend.POINTS, Blend.SHARES),
}
"""Keys that only some blends read."""


def _decision(part: Part | None, rounds: Rounds) -> Decision | None:
    """How the rounds decide; None when it has faults."""
    fitting = rounds.blends()
    if part is None:
        part = Part({}, (), [])
    before = len(part.faults)
    parts = part.keys((), ("blend", *_OF_BLEND, "ladder", "draw"))
    blend: Blend | None = fitting[0]
    if "blend" in parts:
        blend = fields.word(parts["blend"], Blend)
        if blend is not None and blend not in fitting:
            lacks = (
                "a jury and a vote" if blend in (Blend.POINTS, Blend.SHARES) else f"a round of the {blend}"
            )
            parts["blend"].fault(
                f"{blend} needs {lacks}; with the rounds given expected {' or '.join(fitting)}"
            )
    if blend is None or len(part.faults) > before:
        return None
    for key, blends in _OF_BLEND.items():
        if key in parts and blend not in blends:
            parts[key].fault(f"only the blend {' or '.join(blends)} reads this key; this one is {blend}")
    jury_round = rounds.jury[-1].id if blend is not Blend.AUDIENCE else None
    if "jury_round" in parts and rounds.jury:
        named = fields.known_id(parts["jury_round"], [r.id for r in rounds.jury], "jury round")
        jury_round = None if named is None else RoundId(named)
    weights = _weights(parts["weights"]) if "weights" in parts else (1, 1)
    jury_table, audience_table = (
        _tables(parts["tables"]) if "tables" in parts else (POINTS_TABLE, POINTS_TABLE)
    )
    alone = False
    if "jury_only_without_audience" in parts:
        alone = bool(fields.flag(parts["jury_only_without_audience"]))
    ladder = usual_ladder(rounds, blend)
    if "ladder" in parts:
        ladder = _ladder(parts["ladder"], rounds, blend, jury_round)
    draw = (fields.line(parts["draw"], DRAW_MAX) or "") if "draw" in parts else ""
    if "draw" in parts and Rung.LOT not in ladder:
        parts["draw"].fault("only a ladder with the rung lot has a draw")
    if "ladder" in parts and Rung.LOT in ladder and "draw" not in parts:
        parts["ladder"].fault(
            "the rung lot needs a public draw that is announced before opening; expected the key draw, such "
            "as “the numbers of Saturday's state lottery”"
        )
    if len(part.faults) > before:
        return None
    return Decision(
        blend=blend,
        jury_round=jury_round,
        jury_weight=weights[0],
        audience_weight=weights[1],
        jury_table=jury_table,
        audience_table=audience_table,
        jury_only_without_audience=alone,
        ladder=ladder,
        draw=draw,
    )


def _weights(part: Part) -> tuple[int, int]:
    parts = part.keys(("jury", "audience"))
    found = [fields.whole(parts[key], 0, WEIGHT_MAX) for key in ("jury", "audience") if key in parts]
    if found == [0, 0]:
        part.fault("expected weights with a sum above 0")
    return (found[0] or 0, found[1] or 0) if len(found) == 2 else (1, 1)


def _tables(part: Part) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """One table of points for both sides, or one for each."""
    if not isinstance(part.value, dict):
        table = read_table(part)
        return table, table
    parts = part.keys((), ("jury", "audience"))
    jury, audience = (read_table(parts[k]) if k in parts else POINTS_TABLE for k in ("jury", "audience"))
    return jury, audience


def _ladder(part: Part, rounds: Rounds, blend: Blend, jury_round: str | None) -> tuple[str, ...]:
    known = [rung.value for rung in Rung]
    found: list[str] = []
    items = part.items("rungs", 1, 20)
    for place, item in enumerate(items):
        rung = item.value
        if not isinstance(rung, str) or not (rung in known or rung.startswith(CRITERION_RUNG)):
            item.fault(fields.nearest_word(rung, [*known, f"{CRITERION_RUNG}ID"]))
        elif rung in found:
            item.fault(f"“{rung}” is named twice")
        elif rung in (Rung.SHARED, Rung.LOT) and place + 1 < len(items):
            item.fault(f"nothing can follow “{rung}”, which always decides; expected it as the last rung")
        elif why := cannot_apply(rung, rounds, blend, jury_round):
            item.fault(f"“{rung}” can part nobody here; {why}")
        else:
            found.append(rung)
    if items and items[-1].value not in (Rung.SHARED.value, Rung.LOT.value):
        part.fault("expected shared or lot as the last rung, since a ladder has to end")
    return tuple(found)
