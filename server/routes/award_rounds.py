"""How the rounds of an award stand for organiser and scrutineers: who took part, never totals."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.award_result import names_of
from dashboard.console_view import local_clock, local_day
from dashboard.words import say
from polls.award.life import (
    AwardRun,
    Phase,
    RoundRun,
    RoundState,
    approvals_needed,
    phase,
    round_ids,
    round_of,
)
from polls.award.model import Award, Electorate, JuryRound, RoundId, VoteRound
from polls.award.pitches import pitch_round
from server.routes.award_common import Here
from voting.award.ports import At, Turnout
from voting.record.log import EntryType
from voting.record.words import root_words

CHECKPOINTS = 5
"""How many checkpoints are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """One round in words. `may` names what can be done to it now, `why` what has to be done before it opens,
    `pitches` that these come before it.

    `root` (hex) and `words` name the closed box; `approvals` are the names of those who approved it.
    """

    id: RoundId
    title: str
    state: RoundState
    state_text: str
    is_vote: bool
    is_codes: bool
    figures: tuple[str, ...]
    times: tuple[str, ...]
    has_countdown: bool
    root: str
    words: tuple[str, ...]
    approvals: tuple[str, ...]
    needed: int
    admitted: str
    may: frozenset[str]
    why: str
    pitches: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointView:
    """One logged head of a vote's box."""

    when: str
    count: int
    root: str
    words: tuple[str, ...]
    is_close: bool


async def rounds_of(here: Here, lang: str) -> tuple[RoundView, ...]:
    """All rounds in the order in which they are held."""
    views: list[RoundView] = []
    for round_id in round_ids(here.award, here.run):
        at = At(here.live.id, here.award.id, round_id)
        rules = round_of(here.award, here.run, round_id)
        stands = here.run.round(round_id)
        register: Mapping[str, Turnout] = {}
        if isinstance(rules, JuryRound):
            progress = await here.context.awards.box.progress(at)
            locked = sum(one.is_locked for one in progress.values())
            figures: tuple[str, ...] = (say(lang, "adesk_sheets", locked=locked, n=len(rules.jurors)),)
            if stands.state is RoundState.WAITING:
                figures = ()
        else:
            assert rules is not None
            register = await here.context.awards.box.turnout(at)
            figures = _turnout(rules, register, stands.state, lang)
        views.append(_view(here, round_id, stands, figures, bool(register), lang))
    return tuple(views)


def round_title(award: Award, run: AwardRun, round_id: str, lang: str) -> str:
    """The name of a round: "Jury, round 1", "Vote of the audience", "Run-off 1"."""
    if RoundId(round_id) in run.runoffs:
        return say(lang, "adesk_runoff", n=[*run.runoffs].index(RoundId(round_id)) + 1)
    for number, jury in enumerate(award.jury, 1):
        if jury.id == round_id:
            return say(lang, "award_rules_jury", number=number)
    return say(lang, "award_rules_vote")


def scrutineer_name(award: Award, scrutineer: str, lang: str) -> str:
    """The name of a scrutineer; the organiser stands in where an award has none."""
    known = {str(one): name for one, name in award.scrutineers}
    return known.get(scrutineer) or say(lang, "who_organiser")


def _view(
    here: Here, round_id: RoundId, stands: RoundRun, figures: tuple[str, ...], has_register: bool, lang: str
) -> RoundView:
    award, run = here.award, here.run
    rules = round_of(award, run, round_id)
    is_codes = isinstance(rules, VoteRound) and rules.electorate is Electorate.CODES
    why, may = "", set[str]()
    match stands.state:
        case RoundState.WAITING:
            order = round_ids(award, run)
            before = order[: order.index(round_id)]
            if phase(award, run) is Phase.DRAFT:
                why = say(lang, "adesk_why_draft")
            elif any(run.round(one).state is not RoundState.SEALED for one in before):
                why = say(lang, "adesk_why_before")
            elif is_codes and not has_register:
                why = say(lang, "adesk_why_codes")
            else:
                may.add("open")
        case RoundState.OPEN:
            may |= {"close", "extend"} if stands.closes_ms is not None else {"close"}
        case RoundState.CLOSED if not award.scrutineers:
            may.add("approve")
    return RoundView(
        id=round_id,
        title=round_title(award, run, round_id, lang),
        state=stands.state,
        state_text=say(lang, f"adesk_state_{stands.state.value}"),
        is_vote=isinstance(rules, VoteRound),
        is_codes=is_codes,
        figures=figures,
        times=_times(here, stands, lang),
        has_countdown=stands.closes_ms is not None,
        root=stands.box_hash,
        words=root_words(stands.box_hash) if stands.box_hash else (),
        approvals=tuple(
            scrutineer_name(award, one.scrutineer, lang)
            for one in stands.approvals
            if one.box_hash == stands.box_hash
        ),
        needed=approvals_needed(award),
        admitted=names_of(award, stands.admitted, lang),
        may=frozenset(may),
        why=why,
        pitches=_pitches(award, round_id, lang) if stands.state is RoundState.WAITING else "",
    )


def _times(here: Here, stands: RoundRun, lang: str) -> tuple[str, ...]:
    said = []
    for key, at_ms in (
        ("opened", stands.opened_ms),
        ("closes", stands.closes_ms),
        ("closed", stands.closed_ms),
        ("sealed", stands.sealed_ms),
    ):
        if at_ms is not None:
            zone = here.event.timezone
            said.append(
                say(lang, f"adesk_{key}_at", day=local_day(at_ms, zone), time=local_clock(at_ms, zone))
            )
    return tuple(said)


def _turnout(
    rules: VoteRound, turnout: Mapping[str, Turnout], state: RoundState, lang: str
) -> tuple[str, ...]:
    said = []
    for one in rules.classes:
        found = turnout.get(one.id)
        name = one.name.pick(lang)
        if found is None:
            if state is not RoundState.WAITING:
                said.append(say(lang, "adesk_turnout_device", name=name, n=0))
            continue
        if state is RoundState.WAITING:
            said.append(say(lang, "adesk_codes_ready", name=name, n=found.register))
            continue
        machine = found.cast.get("code", 0) + found.cast.get("device", 0)
        key = "adesk_turnout_code" if found.register else "adesk_turnout_device"
        said.append(say(lang, key, name=name, n=machine, register=found.register))
        for channel in ("hands", "paper"):
            if found.cast.get(channel, 0):
                said.append(say(lang, f"adesk_turnout_{channel}", name=name, n=found.cast[channel]))
    return tuple(said)


def _pitches(award: Award, round_id: RoundId, lang: str) -> str:
    pitches = award.pitches
    if pitches is None or round_id != pitch_round(award):
        return ""
    return say(lang, "adesk_pitches" if pitches.seconds else "adesk_pitches_no_clock", n=pitches.seconds)


async def checkpoints_of(here: Here) -> tuple[CheckpointView, ...]:
    """The newest checkpoints and closes of votes, newest first."""
    votes = {r for r in round_ids(here.award, here.run) if not isinstance(here.award.round(r), JuryRound)}
    found = []
    for entry in reversed(await here.context.awards.log(here.live.id, here.award.id)):
        if entry.type not in (EntryType.CHECKPOINT, EntryType.CLOSE) or entry.body["round"] not in votes:
            continue
        root, count = str(entry.body["root"]), entry.body["count"]
        assert isinstance(count, int)
        found.append(
            CheckpointView(
                when=local_clock(entry.at_ms, here.event.timezone),
                count=count,
                root=root,
                words=root_words(root),
                is_close=entry.type is EntryType.CLOSE,
            )
        )
        if len(found) == CHECKPOINTS:
            break
    return tuple(found)
