"""What phones say of an award: where it stands, where to vote, and after the last step the result."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.award_facts import NO_FACTS, AwardFacts, round_now
from dashboard.award_pitch import pitch_sentence, waiting_key
from dashboard.award_result import result_sentence
from dashboard.award_state import stage_phase
from dashboard.words import say
from polls.award.life import AwardRun, RoundState, round_of
from polls.award.model import Award, AwardId, VoteRound
from polls.desk import EventState, session_of
from polls.model import PLENARY, RoomId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAward:
    """An award on the waiting page: `link` leads to where one votes, or to what it is all about.
    `checkpoint` is the newest one of a vote, in a sentence with its count and words; "" without one."""

    title: str
    text: str
    link: str
    link_text: str
    is_open: bool
    checkpoint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAwardResult:
    """The result of an award as one sentence, for every phone at the same moment."""

    award: str
    title: str
    sentence: str
    link: str
    link_text: str


def award_in_front(state: EventState, room: RoomId) -> tuple[Award, bool] | None:
    """The award people of `room` are looking at, and whether the stage shows its tie."""
    for desk_room in dict.fromkeys((room, PLENARY)):
        desk = state.desk(desk_room)
        award = state.award_on_stage(desk_room)
        if award is not None and not desk.blank:
            return award, desk.tie
        if desk.poll and not desk.blank:
            return None
    return None


def open_votes(state: EventState, room: RoomId) -> list[Award]:
    """The awards of this room or the main room whose vote is open."""
    found = []
    for award in state.event.awards:
        session = session_of(state.event, award)
        is_here = session is None or session.room in (PLENARY, room)
        if is_here and is_vote_open(award, state.award(award.id)):
            found.append(award)
    return found


def phone_award(
    state: EventState, room: RoomId, facts: Mapping[AwardId, AwardFacts], lang: str
) -> PhoneAward | None:
    """The award to speak of on the waiting page: the one in front, else one whose vote is open."""
    in_front = award_in_front(state, room)
    if in_front is None:
        award, is_tie = next(((one, False) for one in open_votes(state, room)), (None, False))
    else:
        award, is_tie = in_front
    if award is None:
        return None
    run = state.award(award.id)
    known = facts.get(award.id, NO_FACTS)
    where = stage_phase(award, run, known, is_tie).replace("-", "_")
    rules = round_of(award, run, round_now(award, run) or "")
    key = waiting_key(award, run) if where == "waiting" else where
    is_open = where == "vote_open"
    link = "vote" if is_open else "record" if run.revealed else "about"
    return PhoneAward(
        title=award.title.pick(lang),
        text=pitch_sentence(award, run, lang) if where == "pitch" else say(lang, f"award_phone_{key}"),
        link=f"/{'vote' if is_open else 'award'}/{state.event.id}/{award.id}",
        link_text=say(lang, f"award_phone_{link}"),
        is_open=is_open,
        checkpoint=_checkpoint(known, lang) if isinstance(rules, VoteRound) else "",
    )


def phone_award_result(
    state: EventState, room: RoomId, facts: Mapping[AwardId, AwardFacts], lang: str
) -> PhoneAwardResult | None:
    """The result of the award in front of the room; None before the last step of its reveal."""
    in_front = award_in_front(state, room)
    if in_front is None:
        return None
    award = in_front[0]
    result = facts.get(award.id, NO_FACTS).result
    if result is None or not state.award(award.id).revealed:
        return None
    return PhoneAwardResult(
        award=award.id,
        title=award.title.pick(lang),
        sentence=result_sentence(award, result, lang),
        link=f"/award/{state.event.id}/{award.id}",
        link_text=say(lang, "award_phone_record"),
    )


def _checkpoint(facts: AwardFacts, lang: str) -> str:
    if facts.pinned is None:
        return ""
    return say(lang, "voter_head", count=facts.pinned, words=" ".join(facts.words))


def is_vote_open(award: Award, run: AwardRun) -> bool:
    """Whether the round under way is a vote that takes ballots."""
    round_id = round_now(award, run) or ""
    is_vote = isinstance(round_of(award, run, round_id), VoteRound)
    return is_vote and bool(run.rules_hash) and run.round(round_id).state is RoundState.OPEN
