"""What the big screen shows of an award: a pure function of where it stands, and of the reveal's steps those
that were shown and no others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard.award_facts import AwardFacts, cast_by, round_now
from dashboard.award_pitch import Pitching, pitch_ends, pitching, waiting_key
from dashboard.award_result import (
    AwardTable,
    candidate_name,
    combined_table,
    remarks,
    result_sentence,
    round_table,
    tie_sentences,
    vote_notes,
)
from dashboard.award_reveal import RevealView, parts_base, reveal_view, shown_base
from dashboard.award_rules import decision_sentences, ladder_sentences
from dashboard.award_state import stage_phase, state_token
from dashboard.stage_room import question_size
from dashboard.stage_view import StageView
from dashboard.words import say
from polls.award.life import (
    AwardRun,
    RoundState,
    approvals_needed,
    round_of,
    standing,
)
from polls.award.model import (
    NOBODY,
    Award,
    AwardId,
    Blend,
    CandidateId,
    Electorate,
    JuryRound,
    RoundId,
    Rung,
    VoteRound,
)
from polls.desk import EventState, session_of
from polls.model import RoomId


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A candidate as the hall reads it."""

    name: str
    entrant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """A scrutineer, and whether they have approved the closed box."""

    name: str
    has_approved: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardStageView:
    """An award on the big screen, as plain text and numbers.

    `phase` is draft, waiting, pitch, jury-open, vote-open, closed, sealed, tie, reveal, revealed or
    published.
    `state` names it with its round and step: a press that was meant for another state is refused.
    `counted` of `of` are the ballots of an open vote (`of` is 0 where nobody knows how many may vote).
    `checkpoint` and `words` are those of the open vote, or of the closed box, which scrutineers compare.
    `closes_ms` is when the vote closes, or when the time of a pitch is over. `said` are sentences below the
    heading: the tie and its ladder, remarks on the result.
    """

    award: str
    title: str
    session: str
    phase: str
    state: str
    phase_text: str
    heading: str
    note: str
    people: tuple[Person, ...] = ()
    pitch: Pitching | None = None
    approvers: tuple[Approver, ...] = ()
    by_codes: bool = False
    counted: int = 0
    of: int = 0
    turnout: str = ""
    caption: str = ""
    checkpoint: str = ""
    words: tuple[str, ...] = ()
    closes_ms: int | None = None
    reveal: RevealView | None = None
    sentence: str = ""
    said: tuple[str, ...] = ()
    ladder: tuple[str, ...] = ()
    table: AwardTable | None = None
    base: str = ""
    method: str = ""
    record: str = ""


def award_stage(
    state: EventState,
    room: RoomId,
    lang: str,
    facts: Mapping[AwardId, AwardFacts],
    *,
    phones: int,
    address: str,
) -> AwardStageView | None:
    """The award on a room's stage; None when there is none. `address` is that of its public page."""
    award, desk = state.award_on_stage(room), state.desk(room)
    if award is None or desk.blank:
        return None
    known, run = facts.get(award.id) or AwardFacts(), state.award(award.id)
    where = stage_phase(award, run, known, desk.tie)
    round_id = round_now(award, run)
    rules = round_of(award, run, round_id) if round_id else None
    session = session_of(state.event, award)
    key = where.replace("-", "_")
    if where == "waiting":
        key = waiting_key(award, run)
    view = AwardStageView(
        award=award.id,
        title=award.title.pick(lang),
        session=session.title.pick(lang) if session else "",
        phase=where,
        state=state_token(award, run, known, desk.tie),
        phase_text=say(lang, f"award_stage_{key}"),
        heading="",
        note=award.note.pick(lang) if award.note else "",
        by_codes=isinstance(rules, VoteRound) and rules.electorate is Electorate.CODES,
    )
    match where:
        case "pitch":
            return replace(view, pitch=pitching(award, run, lang), closes_ms=pitch_ends(award, run))
        case "draft" | "waiting" | "jury-open":
            return _listed(view, award, run, round_id or "", lang)
        case "vote-open":
            return _voting(_listed(view, award, run, round_id or "", lang), run, known, phones, lang)
        case "closed":
            return _closed(view, award, run, round_id or "", known, lang)
        case "sealed":
            return replace(
                view,
                heading=say(lang, "award_stage_sealed_title"),
                note=say(lang, "award_stage_sealed_text"),
            )
        case "tie":
            return _tie(view, award, known, lang)
        case "reveal":
            return replace(
                view, reveal=reveal_view(award, run, known, lang), base=shown_base(award, run, known, lang)
            )
    return _result(view, award, run, known, lang, address)


def on_stage(view: StageView, award: AwardStageView, *, html: str, rail: str) -> StageView:
    """The stage with an award on it: `html` is its fragment, `rail` what stands in the place of the join
    address (empty: that one stays)."""
    is_open = award.phase == "vote-open"
    return replace(
        view,
        award=award.award,
        award_state=award.state,
        award_html=html,
        award_rail=rail,
        session=award.session,
        phase="open" if is_open else "award",
        phase_text=award.phase_text,
        question=award.title,
        question_size=question_size(award.title),
        form="turnout" if is_open else "award",
        counted=award.counted,
        phones=award.of if is_open else view.phones,
        turnout=award.turnout,
        caption=award.caption,
        base=award.base,
        method=award.method,
        closes_ms=award.closes_ms,
        upcoming="",
        words={
            **view.words,
            "chamber_hint": award.note if is_open else "",
            "clock_over": award.pitch.over if award.pitch else "",
        },
    )


def _listed(view: AwardStageView, award: Award, run: AwardRun, round_id: str, lang: str) -> AwardStageView:
    """Those who stand in the round that comes, in the order of the paper."""
    ids = [c for c in standing(award, run, round_id) if c != NOBODY or view.phase == "vote-open"]
    is_short = len([c for c in ids if c != NOBODY]) < len(award.candidates) and run.rounds
    people = tuple(_person(award, one, lang) for one in ids)
    key = "runoff" if round_id in run.runoffs else "finalists" if is_short else "candidates"
    return replace(view, heading=say(lang, f"award_stage_{key}"), people=people)


def _person(award: Award, candidate: CandidateId, lang: str) -> Person:
    found = award.candidate(candidate)
    entrant = found.entrant.pick(lang) if found and found.entrant else ""
    return Person(name=candidate_name(award, candidate, lang), entrant=entrant)


def _voting(view: AwardStageView, run: AwardRun, facts: AwardFacts, phones: int, lang: str) -> AwardStageView:
    counted = sum(cast_by(one) for one in facts.turnout.values())
    register = sum(one.register for one in facts.turnout.values())
    of = register if view.by_codes else max(phones, counted)
    turnout = "award_stage_cast_codes" if view.by_codes else "award_stage_cast_devices"
    stands = next((one for one in run.rounds.values() if one.state is RoundState.OPEN), None)
    return replace(
        view,
        note=say(lang, "award_stage_hidden"),
        counted=counted,
        of=of,
        turnout=say(lang, turnout, counted=counted, of=of),
        caption=say(lang, "award_stage_caption", counted=counted),
        checkpoint=_checkpoint(facts, lang),
        words=facts.words,
        closes_ms=stands.closes_ms if stands else None,
    )


def _checkpoint(facts: AwardFacts, lang: str) -> str:
    return "" if facts.pinned is None else say(lang, "award_stage_pinned", n=facts.pinned)


def _closed(
    view: AwardStageView, award: Award, run: AwardRun, round_id: str, facts: AwardFacts, lang: str
) -> AwardStageView:
    stands, is_jury = run.round(round_id), isinstance(round_of(award, run, round_id), JuryRound)
    approvers = tuple(
        Approver(
            name=name,
            has_approved=one in stands.approved_by,
            text=say(lang, f"award_stage_{'approved' if one in stands.approved_by else 'not_approved'}"),
        )
        for one, name in award.scrutineers
    )
    key = "award_stage_approvals" if approvers else "award_stage_approvals_organiser"
    box = f"award_stage_box_{'jury' if is_jury else 'vote'}"
    return replace(
        view,
        checkpoint="" if facts.pinned is None else say(lang, box, n=facts.pinned),
        words=facts.words,
        heading=say(lang, f"award_stage_closed_{'jury' if is_jury else 'vote'}"),
        note=say(lang, key, n=len(stands.approved_by), needed=approvals_needed(award)),
        approvers=approvers,
    )


def _tie(view: AwardStageView, award: Award, facts: AwardFacts, lang: str) -> AwardStageView:
    """Who is tied, how far the ladder went, and the whole ladder as it was published."""
    result, desk = facts.result, facts.tie
    assert result is not None
    tied = desk.left if desk is not None and desk.left else result.ties[-1].candidates
    said = tie_sentences(award, result, lang)
    if desk is not None and desk.runoff:
        said = (*said, say(lang, "award_stage_tie_runoff"))
    return replace(
        view,
        heading=say(lang, "award_stage_tie_title"),
        note="",
        people=tuple(_person(award, one, lang) for one in award.candidate_ids if one in tied),
        said=said,
        ladder=tuple(ladder_sentences(award, lang)),
    )


def _result(
    view: AwardStageView, award: Award, run: AwardRun, facts: AwardFacts, lang: str, address: str
) -> AwardStageView:
    """After the last step: everything, with base and method, and where the record is."""
    result = facts.result
    if result is None or not run.revealed:
        return view
    draw = run.choices.get(Rung.LOT.value, "")
    method = next(iter(decision_sentences(award, lang)), "")
    shown = replace(
        view,
        reveal=reveal_view(award, run, facts, lang),
        sentence=result_sentence(award, result, lang),
        said=(
            *tie_sentences(award, result, lang, draw),
            *remarks(award, result, lang, voided=len(run.voided)),
        ),
        method=method,
        base=_base(award, run, facts, lang),
    )
    if not run.published:
        return replace(shown, record=say(lang, "award_stage_record_soon"))
    is_both = bool(result.sides.audience)
    deciding = _deciding(award, facts)
    table = combined_table(award, result, lang) if is_both else None
    if table is None and deciding is not None:
        table = round_table(award, deciding, result.rounds[deciding], lang)
    short = address.split("://", 1)[-1]
    return replace(shown, table=table, record=say(lang, "award_stage_record", url=short))


def _deciding(award: Award, facts: AwardFacts) -> RoundId | None:
    """The round whose figures decide alone."""
    result = facts.result
    assert result is not None
    decision = award.decision
    if decision.blend is not Blend.JURY and not result.jury_only and award.vote is not None:
        return award.vote.id
    return decision.jury_round


def _base(award: Award, run: AwardRun, facts: AwardFacts, lang: str) -> str:
    """What the figures on the stage are made of; percentages are named only where some are shown."""
    result, deciding = facts.result, _deciding(award, facts)
    assert result is not None
    if result.sides.audience and award.vote is not None:
        notes = vote_notes(result.rounds[award.vote.id], lang, has_percent=False)
        parts = parts_base(award, lang)
        return " ".join([f"{parts}.", *notes] if parts else notes)
    if deciding is None:
        return ""
    counted = result.rounds[deciding]
    if award.vote is None or deciding != award.vote.id:
        return " ".join(round_table(award, deciding, counted, lang).notes)
    # Before the table of the published result the figures are those of the steps.
    has_percent = bool(counted.percent) and (run.published or facts.steps[-1].base is not None)
    return " ".join(vote_notes(counted, lang, has_percent=has_percent))
