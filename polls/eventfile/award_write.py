"""Awards as plain data for an event file; whatever is the default is left out."""

from polls.award.model import (
    EVERYBODY,
    POINTS_TABLE,
    Award,
    BallotForm,
    Candidate,
    Criterion,
    Decision,
    JuryRound,
    JuryRule,
    Publish,
    VoteRound,
)
from polls.eventfile.award import usual_approvals
from polls.eventfile.award_decision import Rounds
from polls.eventfile.award_rounds import METHODS, QUORUM_SHARE, usual_quorum
from polls.model import Text

Data = dict[str, object]


def dump_award(award: Award) -> Data:
    """Plain data from which the file's reader makes an equal award."""
    data: Data = {"id": award.id, "title": text_data(award.title)}
    if award.note:
        data["note"] = text_data(award.note)
    if award.session:
        data["session"] = award.session
    data["candidates"] = [_candidate(c, number) for number, c in enumerate(award.candidates, 1)]
    if award.none_of_the_above:
        data["none_of_the_above"] = True
    if len(award.jury) == 1:
        data["jury"] = _jury(award.jury[0], "jury")
    elif award.jury:
        data["jury"] = [_jury(jury, f"jury{number}") for number, jury in enumerate(award.jury, 1)]
    if award.vote:
        data["vote"] = _vote(award.vote)
    if award.pitches:
        data["pitches"] = {"seconds": award.pitches.seconds} if award.pitches.seconds else {}
    data["decision"] = _decision(award.decision, Rounds(award.jury, award.vote))
    if award.scrutineers:
        data["scrutineers"] = [
            _named(name, scrutineer, number, {})
            for number, (scrutineer, name) in enumerate(award.scrutineers, 1)
        ]
        if award.approvals != usual_approvals(len(award.scrutineers)):
            data["approvals"] = award.approvals
    checkpoints: Data = {}
    if award.checkpoint_s != 15:
        checkpoints["every"] = award.checkpoint_s
    if award.checkpoint_min != 20:
        checkpoints["min_new"] = award.checkpoint_min
    if checkpoints:
        data["checkpoints"] = checkpoints
    return data


def text_data(text: Text) -> object:
    """A text by itself, or one for each language."""
    return text.pick() if text.is_plain else dict(text.variants)


def _named(name: object, own_id: str, number: int, more: Data) -> object:
    """A name by itself where nothing else is said, else `{id, name}` and more."""
    if own_id == str(number) and not more:
        return name
    data: Data = {} if own_id == str(number) else {"id": own_id}
    return {**data, "name": name, **more}


def _candidate(candidate: Candidate, number: int) -> object:
    more: Data = {}
    if candidate.entrant:
        more["entrant"] = text_data(candidate.entrant)
    if candidate.detail:
        more["detail"] = text_data(candidate.detail)
    return _named(text_data(candidate.name), candidate.id, number, more)


def _jury(jury: JuryRound, usual_id: str) -> Data:
    data: Data = {} if jury.id == usual_id else {"id": jury.id}
    jurors = []
    for number, juror in enumerate(jury.jurors, 1):
        more: Data = {"group": juror.group} if juror.group else {}
        if juror.chair:
            more["chair"] = True
        jurors.append(_named(juror.name, juror.id, number, more))
    data["jurors"] = jurors
    # Written even when it is the default: how marks become a result is worth reading.
    data["rule"] = jury.rule.value
    if jury.criteria:
        data["criteria"] = [_criterion(c, number) for number, c in enumerate(jury.criteria, 1)]
    if jury.rule is JuryRule.TRIMMED:
        data["drop"] = jury.drop
    if jury.rule is JuryRule.POINTS and jury.table != POINTS_TABLE:
        data["table"] = list(jury.table)
    if jury.picks:
        data["picks"] = jury.picks
    if jury.rule is JuryRule.BORDA and jury.unranked != "zero":
        data["unranked"] = jury.unranked
    if jury.shortlist:
        data["shortlist"] = jury.shortlist
        if jury.boundary_ladder:
            data["boundary"] = "ladder"
    quorum: Data = {}
    if jury.quorum_min != usual_quorum(len(jury.jurors)):
        quorum["min"] = jury.quorum_min
    if jury.quorum_share != QUORUM_SHARE:
        quorum["share"] = f"{jury.quorum_share.numerator}/{jury.quorum_share.denominator}"
    if quorum:
        data["quorum"] = quorum
    if jury.publish is not Publish.TOTALS:
        data["publish"] = jury.publish.value
    return data


def _criterion(criterion: Criterion, number: int) -> object:
    more: Data = {"weight": criterion.weight} if criterion.weight != 1 else {}
    if (criterion.low, criterion.high) != (1, 10):
        more["scale"] = [criterion.low, criterion.high]
    return _named(text_data(criterion.name), criterion.id, number, more)


def _vote(vote: VoteRound) -> Data:
    data: Data = {} if vote.id == "vote" else {"id": vote.id}
    data["electorate"] = vote.electorate.value
    if vote.classes != (EVERYBODY,):
        data["classes"] = [
            {"id": c.id, "name": text_data(c.name), **({} if c.weight == 1 else {"weight": c.weight})}
            for c in vote.classes
        ]
    data["ballot"] = vote.form.value
    if vote.method != METHODS[vote.form][0] or vote.form is BallotForm.RANKING:
        data["method"] = vote.method
    if vote.form is not BallotForm.SINGLE:
        if vote.least != 1:
            data["least"] = vote.least
        if vote.most:
            data["most"] = vote.most
    if vote.ties:
        data["ties"] = True
    if vote.method == "borda" and vote.unranked != "zero":
        data["unranked"] = vote.unranked
    if not vote.abstain:
        data["abstain"] = False
    if vote.min_turnout:
        data["min_turnout"] = vote.min_turnout
    if vote.countdown_s is not None:
        data["countdown"] = vote.countdown_s
    if vote.publish is not Publish.BALLOTS:
        data["publish"] = vote.publish.value
    return data


def _decision(decision: Decision, rounds: Rounds) -> Data:
    data: Data = {"blend": decision.blend.value}
    if decision.jury_round and decision.jury_round != rounds.jury[-1].id:
        data["jury_round"] = decision.jury_round
    if (decision.jury_weight, decision.audience_weight) != (1, 1):
        data["weights"] = {"jury": decision.jury_weight, "audience": decision.audience_weight}
    tables: Data = {
        side: list(table)
        for side, table in (("jury", decision.jury_table), ("audience", decision.audience_table))
        if table != POINTS_TABLE
    }
    if tables:
        data["tables"] = tables
    if decision.jury_only_without_audience:
        data["jury_only_without_audience"] = True
    data["ladder"] = [str(rung) for rung in decision.ladder]
    if decision.draw:
        data["draw"] = decision.draw
    return data
