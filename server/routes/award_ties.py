"""The tie desk of the organiser: what each rung of the ladder gives, and what people have to do."""

from dataclasses import dataclass

from dashboard.award_result import candidate_name, names_of
from dashboard.award_rules import criterion_name
from dashboard.words import say
from polls.award.life import Phase, phase
from polls.award.model import CRITERION_RUNG, Award, Rung
from server.routes.award_common import Here
from voting.award.counted import AwardKind
from voting.award.tiedesk import Need, tie_desk
from voting.jury.sheet import Ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class RungLine:
    """One rung in words: what it is, what it would make of those who are tied, whether it was taken."""

    name: str
    outcome: str
    places: tuple[str, ...]
    taken: str
    """yes, no, or now for the rung that waits."""
    is_decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """The tie desk: who is tied, every rung, and which of the three ways are open."""

    tied: str
    rungs: tuple[RungLine, ...]
    left: tuple[tuple[str, str], ...]
    chair: str
    """The name of the chair whose casting vote is needed; empty when it is not."""
    needs_lot: bool
    draw: str
    may_runoff: bool


async def waits_for_people(here: Here) -> bool:
    """Whether every round is sealed and a tie for first place is left to people: to the chair, to the draw,
    or shared, where a run-off may still be held."""
    if phase(here.award, here.run) not in (Phase.SEALED, Phase.REVEALING):
        return False
    _, result = await here.context.awards.papers_and_result(here.live.id, here.award, here.run)
    return result.kind in (AwardKind.UNDECIDED, AwardKind.SHARED)


async def desk_of(here: Here, lang: str) -> DeskView | None:
    """The desk of a tie that waits for people; None without one."""
    if not await waits_for_people(here):
        return None
    award = here.award
    papers, _ = await here.context.awards.papers_and_result(here.live.id, award, here.run)
    desk = tie_desk(award, here.run, papers)
    if desk is None:
        return None
    chair = next((juror.name for jury in award.jury for juror in jury.jurors if juror.chair), "")
    return DeskView(
        tied=names_of(award, desk.tie.candidates, lang),
        rungs=tuple(
            RungLine(
                name=_rung_name(award, one.rung, lang),
                outcome=say(lang, _outcome(one.rung, one.applies, one.parted)),
                places=tuple(names_of(award, group, lang) for group in one.parted)
                if one.applies and len(one.parted) > 1
                else (),
                taken=("now" if one.rung == desk.need else "yes") if one.walked else "no",
                is_decided=one.decided,
            )
            for one in desk.rungs
        ),
        left=tuple((str(c), candidate_name(award, c, lang)) for c in desk.left),
        chair=(chair or say(lang, "adesk_the_chair")) if desk.need is Need.CHAIR else "",
        needs_lot=desk.need is Need.LOT,
        draw=award.decision.draw,
        may_runoff=desk.runoff,
    )


def _rung_name(award: Award, rung: str, lang: str) -> str:
    if rung.startswith(CRITERION_RUNG):
        return say(lang, "adesk_rung_criterion", name=criterion_name(award, rung, lang))
    known = {one.value for one in Rung}
    return say(lang, f"adesk_rung_{rung if rung in known else 'runoff'}")


def _outcome(rung: str, applies: bool, parted: Ranks) -> str:
    if rung == Rung.SHARED:
        return "adesk_rung_is_shared"
    if not applies:
        waits = rung in (Rung.CHAIR, Rung.LOT)
        return "adesk_rung_waits" if waits else "adesk_rung_no_use"
    return "adesk_rung_parts" if len(parted) > 1 else "adesk_rung_still"
