"""An award's rules in words: the same sentences before the opening, on the voter's page and in the record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboard.words import say
from polls.award.model import (
    CRITERION_RUNG,
    Award,
    BallotForm,
    Blend,
    Electorate,
    JuryRound,
    JuryRule,
    Publish,
    Rung,
    VoteRound,
)

RELATIVE_RULES = (JuryRule.POINTS, JuryRule.BORDA, JuryRule.RANKSUM)
"""The rules whose figures become shares when not every voice judged all."""

NOT_PROMISED = ("legal", "operator", "registrar", "coercion", "device", "person", "small", "available")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSection:
    """A heading and its sentences."""

    heading: str
    sentences: tuple[str, ...]


def award_rules(award: Award, lang: str, rules_hash: str = "") -> tuple[RuleSection, ...]:
    """The rulebook of an award in sentences, with what is promised and what is not.

    `rules_hash` is the fingerprint of the frozen rules; without one they are a draft and say nothing of it.
    """

    def section(key: str, said: Iterator[str] | Sequence[str], **values: int) -> RuleSection:
        return RuleSection(heading=say(lang, f"award_rules_{key}", **values), sentences=tuple(said))

    sections = [
        section("jury", _jury(award, jury, lang), number=number) for number, jury in enumerate(award.jury, 1)
    ]
    if award.vote is not None:
        sections.append(section("vote", _vote(award, award.vote, lang)))
    return (
        *sections,
        section("decision", decision_sentences(award, lang)),
        section("ties", ladder_sentences(award, lang)),
        section("watch", _watch(award, lang, rules_hash)),
        section("promised", promised(award, lang)),
        section("not_promised", not_promised(lang)),
    )


def promised(award: Award, lang: str) -> tuple[str, ...]:
    """What this award promises: nothing about codes, checkpoints, receipts or ballots that it has not."""
    vote = award.vote
    by_codes = vote is not None and vote.electorate is Electorate.CODES
    is_whole = all(one.publish is Publish.BALLOTS for one in award.rounds())
    keys = {
        "once": by_codes,
        "traced": vote is not None,
        "found": vote is not None and vote.publish is Publish.BALLOTS,
        "recount": is_whole,
        "recount_part": not is_whole,
        "rules": by_codes,
        "rules_alone": not by_codes,
        "link": vote is not None,
        "interim": True,
    }
    return tuple(say(lang, f"award_promise_{key}") for key, is_kept in keys.items() if is_kept)


def not_promised(lang: str) -> tuple[str, ...]:
    """What no award promises: for the voter's page and the record."""
    return tuple(say(lang, f"award_not_{key}") for key in NOT_PROMISED)


def _jury(award: Award, jury: JuryRound, lang: str) -> Iterator[str]:
    yield say(lang, "award_jurors", n=len(jury.jurors))
    if jury.rule.reads_marks:
        total = sum(criterion.weight for criterion in jury.criteria)
        for criterion in jury.criteria:
            yield say(
                lang,
                "award_criterion",
                name=criterion.name.pick(lang),
                low=criterion.low,
                high=criterion.high,
                weight=criterion.weight,
                total=total,
            )
    yield say(
        lang,
        f"award_rule_{jury.rule.value}",
        drop=jury.drop,
        least=2 * jury.drop + 3,
        table=table_words(jury.table),
        n=len(award.candidates),
    )
    if jury.rule is JuryRule.APPROVAL and jury.picks:
        yield say(lang, "award_picks", n=jury.picks)
    if jury.rule is JuryRule.BORDA:
        yield say(lang, f"award_unranked_{jury.unranked}")
    yield say(lang, "award_recusal")
    if jury.rule in RELATIVE_RULES:
        yield say(lang, "award_recusal_shares")
    yield say(lang, "award_quorum", least=max(1, jury.quorum_min), share=str(jury.quorum_share))
    if jury.quorum_min >= len(jury.jurors) > 1:
        yield say(lang, "award_quorum_all")
    is_last = jury is award.jury[-1] and award.vote is None
    if jury.shortlist:
        yield say(lang, "award_shortlist", n=jury.shortlist)
        yield say(lang, "award_boundary_ladder" if jury.boundary_ladder else "award_boundary_admit")
    elif not is_last:
        yield say(lang, "award_all_go_on")
    yield say(lang, f"award_publish_{jury.publish.value}")


def class_sentences(vote: VoteRound, lang: str) -> tuple[str, ...]:
    """How much the ballots of each class count; nothing where every ballot counts once."""
    if len(vote.classes) < 2 and all(one.weight == 1 for one in vote.classes):
        return ()
    return tuple(
        say(lang, "award_class", name=one.name.pick(lang), weight=one.weight) for one in vote.classes
    )


def _vote(award: Award, vote: VoteRound, lang: str) -> Iterator[str]:
    yield say(lang, f"award_electorate_{vote.electorate.value}")
    yield from class_sentences(vote, lang)
    n = len(award.candidate_ids)
    most = 1 if vote.form is BallotForm.SINGLE else vote.most or n
    yield say(lang, f"award_vote_{vote.form.value}", least=vote.least, most=most)
    if vote.form is BallotForm.RANKING and vote.ties:
        yield say(lang, "award_vote_ties")
    yield say(lang, f"award_method_{vote.method}", n=n)
    if vote.method == "borda":
        yield say(lang, f"award_unranked_{vote.unranked}")
    if vote.method in ("plurality", "approval", "irv"):
        yield say(lang, "award_percent_base")
    yield say(lang, "award_abstain_yes" if vote.abstain else "award_abstain_no")
    if vote.min_turnout:
        yield say(lang, "award_min_turnout", n=vote.min_turnout)
    if award.none_of_the_above:
        yield say(lang, "award_none")
    yield say(lang, "award_withdrawn_rule")
    yield say(lang, f"award_publish_{vote.publish.value}")


def decision_sentences(award: Award, lang: str) -> Iterator[str]:
    decision = award.decision
    is_gate = decision.blend is Blend.AUDIENCE and bool(award.jury)
    yield say(
        lang,
        "award_blend_gate" if is_gate else f"award_blend_{decision.blend.value}",
        jury_table=table_words(decision.jury_table),
        audience_table=table_words(decision.audience_table),
        jury=decision.jury_weight,
        audience=decision.audience_weight,
    )
    if decision.blend in (Blend.POINTS, Blend.SHARES):
        yield say(lang, "award_blend_not_rated")
    if decision.blend is not Blend.JURY:
        allowed = decision.jury_only_without_audience
        yield say(lang, "award_without_audience_yes" if allowed else "award_without_audience_no")
    yield say(lang, "award_exact")


def ladder_sentences(award: Award, lang: str) -> Iterator[str]:
    """The tie ladder, step by step; a ladder without an end ends in a shared award."""
    yield say(lang, "award_ladder_order")
    ladder = [str(rung) for rung in award.decision.ladder]
    if Rung.SHARED not in ladder and Rung.LOT not in ladder:
        ladder.append(Rung.SHARED)
    for number, rung in enumerate(ladder, 1):
        if rung.startswith(CRITERION_RUNG):
            yield say(lang, "award_rung_criterion", number=number, name=criterion_name(award, rung, lang))
        else:
            yield say(lang, f"award_rung_{rung}", number=number, draw=award.decision.draw)
    if award.vote is not None:
        yield say(lang, "award_rung_runoff")


def _watch(award: Award, lang: str, rules_hash: str) -> Iterator[str]:
    if award.scrutineers:
        names = ", ".join(name for _, name in award.scrutineers)
        yield say(lang, "award_scrutineers", names=names, approvals=award.approvals)
    else:
        yield say(lang, "award_no_scrutineers")
    yield say(lang, "award_sealed")
    if rules_hash:
        yield say(lang, "award_fingerprint", hash=rules_hash)


def criterion_name(award: Award, rung: str, lang: str) -> str:
    """The name of the criterion of a rung; its id when no round has it."""
    criterion_id = rung.removeprefix(CRITERION_RUNG)
    for jury in award.jury:
        for criterion in jury.criteria:
            if criterion.id == criterion_id:
                return criterion.name.pick(lang)
    return criterion_id


def table_words(table: Sequence[int]) -> str:
    """A table of points as people read it: "12, 10, 8"."""
    return ", ".join(map(str, table))
