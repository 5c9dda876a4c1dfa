"""Awards as an event file can describe them, and those that a counter must bear all the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from polls.award.model import (
    EVERYBODY,
    POINTS_TABLE,
    Award,
    AwardId,
    BallotForm,
    Blend,
    Candidate,
    CandidateId,
    ClassId,
    Criterion,
    CriterionId,
    Decision,
    Electorate,
    Juror,
    JurorId,
    JuryRound,
    JuryRule,
    Pitches,
    Publish,
    RoundId,
    Rung,
    ScrutineerId,
    VoterClass,
    VoteRound,
)
from polls.eventfile.award_decision import Rounds, cannot_apply
from polls.eventfile.award_rounds import METHODS, jurors_needed
from polls.model import UNRANKED_RULES, SessionId, Text

Texts = Callable[[tuple[str, ...]], st.SearchStrategy[Text]]

tables = st.lists(st.integers(1, 20), min_size=1, max_size=5).map(lambda t: tuple(sorted(t, reverse=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How far the settings of an award are drawn: `steps` of a scale, `turnout` that may be demanded, the
    fewest rungs above the last one.

    With `is_loose` also what no event file may say but counting must bear: rungs that can part nobody,
    no quorum, juries too small for a trimmed mean, a jury round beside a vote that decides alone.
    """

    candidates: int = 5
    fewest_jurors: int = 1
    jurors: int = 8
    steps: int = 10
    turnout: int = 50
    publish: tuple[Publish, ...] = tuple(Publish)
    rungs: int = 0
    nobody: bool = True
    always_votes: bool = False
    is_loose: bool = False


FILE = Span()


@st.composite
def ids(draw: st.DrawFn, count: int) -> list[str]:
    """Ids of things in a list: their places, or ids of their own, which never are numbers."""
    return [draw(st.sampled_from([str(n), f"x{n}"])) for n in range(1, count + 1)]


@st.composite
def jury_round(
    draw: st.DrawFn,
    round_id: str,
    standing: int,
    languages: tuple[str, ...],
    texts: Texts,
    lines: st.SearchStrategy[str],
    span: Span,
) -> JuryRound:
    rule = draw(st.sampled_from(JuryRule))
    count = draw(st.integers(span.fewest_jurors, span.jurors))
    possible = [d for d in (1, 2) if span.is_loose or jurors_needed(d) <= count]
    if rule is JuryRule.TRIMMED and not possible:
        count, possible = 5, [1]
    chair = draw(st.integers(0, count))
    criteria = draw(ids(draw(st.integers(1, 3)))) if rule.reads_marks else []
    shortlist = draw(st.integers(0, standing - 1)) if standing > 1 else 0
    return JuryRound(
        id=RoundId(round_id),
        jurors=tuple(
            Juror(
                id=JurorId(j), name=draw(lines), group=draw(st.sampled_from(["", "A", "B"])), chair=n == chair
            )
            for n, j in enumerate(draw(ids(count)), 1)
        ),
        rule=rule,
        criteria=tuple(
            Criterion(
                id=CriterionId(c),
                name=draw(texts(languages)),
                weight=draw(st.integers(1, 5)),
                low=low,
                high=low + draw(st.integers(1, span.steps)),
            )
            for c in criteria
            for low in [draw(st.integers(0, 3))]
        ),
        shortlist=shortlist,
        boundary_ladder=bool(shortlist) and draw(st.booleans()),
        drop=draw(st.sampled_from(possible)) if rule is JuryRule.TRIMMED else 1,
        table=draw(tables) if rule is JuryRule.POINTS else POINTS_TABLE,
        picks=draw(st.integers(0, standing)) if rule is JuryRule.APPROVAL else 0,
        unranked=draw(st.sampled_from(UNRANKED_RULES)) if rule is JuryRule.BORDA else "zero",
        quorum_min=0 if span.is_loose and draw(st.booleans()) else draw(st.integers(1, count)),
        quorum_share=Fraction()
        if span.is_loose and draw(st.booleans())
        else draw(st.fractions(Fraction(1, 9), Fraction(1), max_denominator=9)),
        publish=draw(st.sampled_from(span.publish)),
    )


@st.composite
def vote_round(
    draw: st.DrawFn, round_id: str, standing: int, languages: tuple[str, ...], texts: Texts, span: Span
) -> VoteRound:
    form = draw(st.sampled_from(BallotForm))
    method = draw(st.sampled_from(METHODS[form]))
    electorate = draw(st.sampled_from(Electorate))
    classes: tuple[VoterClass, ...] = (EVERYBODY,)
    if electorate is Electorate.CODES and draw(st.booleans()):
        classes = tuple(
            VoterClass(id=ClassId(f"c{n}"), name=draw(texts(languages)), weight=draw(st.integers(1, 4)))
            for n in range(draw(st.integers(1, 3)))
        )
    most = 1 if form is BallotForm.SINGLE else draw(st.integers(0, standing))
    return VoteRound(
        id=RoundId(round_id),
        electorate=electorate,
        classes=classes,
        form=form,
        method=method,
        least=1 if form is BallotForm.SINGLE else draw(st.integers(1, most or standing)),
        most=most,
        ties=form is BallotForm.RANKING and method != "irv" and draw(st.booleans()),
        abstain=draw(st.booleans()),
        unranked=draw(st.sampled_from(UNRANKED_RULES)) if method == "borda" else "zero",
        min_turnout=draw(st.integers(0, span.turnout)),
        countdown_s=draw(st.none() | st.integers(5, 3600)),
        publish=draw(st.sampled_from(span.publish)),
    )


def pitches(span: Span) -> st.SearchStrategy[Pitches | None]:
    """Pitches, of which an event file may tell and counting never hears."""
    return st.none() if span.is_loose else st.none() | st.builds(Pitches, seconds=st.integers(0, 3600))


@st.composite
def decision(draw: st.DrawFn, rounds: Rounds, span: Span) -> Decision:
    blend = draw(st.sampled_from(rounds.blends()))
    juries = [r.id for r in rounds.jury]
    if blend is Blend.SHARES:
        juries = [one for one in juries if not rounds.without_shares(one)]
        blend = blend if juries else Blend.POINTS
    jury_round = (
        None if blend is Blend.AUDIENCE else draw(st.sampled_from(juries or [r.id for r in rounds.jury]))
    )
    if rounds.jury and span.is_loose and draw(st.booleans()):
        jury_round = jury_round or rounds.jury[-1].id
    criteria = [f"criterion:{c.id}" for r in rounds.jury for c in r.criteria]
    rungs = dict.fromkeys([*(str(r) for r in Rung if r not in (Rung.SHARED, Rung.LOT)), *criteria])
    able = [r for r in rungs if span.is_loose or cannot_apply(r, rounds, blend, jury_round) is None]
    upper = draw(st.permutations(able))[: draw(st.integers(min(span.rungs, len(able)), len(able)))]
    last = draw(st.sampled_from([Rung.SHARED.value, Rung.LOT.value]))
    weights = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(any)
    jury_weight, audience_weight = draw(weights) if blend is Blend.SHARES else (1, 1)
    is_points = blend is Blend.POINTS
    return Decision(
        blend=blend,
        jury_round=jury_round,
        jury_weight=jury_weight,
        audience_weight=audience_weight,
        jury_table=draw(tables) if is_points else POINTS_TABLE,
        audience_table=draw(tables) if is_points else POINTS_TABLE,
        jury_only_without_audience=blend in (Blend.POINTS, Blend.SHARES) and draw(st.booleans()),
        ladder=(*upper, last),
        draw="Saturday's lottery" if last == Rung.LOT else "",
    )


@st.composite
def award(
    draw: st.DrawFn,
    award_id: str,
    languages: tuple[str, ...],
    sessions: Sequence[str],
    texts: Texts,
    lines: st.SearchStrategy[str],
    span: Span = FILE,
) -> Award:
    nobody = span.nobody and draw(st.booleans())
    entered = draw(st.integers(1 if nobody else 2, span.candidates))
    standing, jury = entered, []
    count = draw(st.integers(0, 2))
    for number in range(1, count + 1):
        usual = "jury" if count == 1 else f"jury{number}"
        round_id = draw(st.sampled_from([usual, f"panel-{number}"]))
        jury.append(draw(jury_round(round_id, standing, languages, texts, lines, span)))
        standing = jury[-1].shortlist or standing
    vote = None
    if not jury or span.always_votes or draw(st.booleans()):
        round_id = draw(st.sampled_from(["vote", "hall"]))
        vote = draw(vote_round(round_id, standing + nobody, languages, texts, span))
    scrutineers = draw(ids(draw(st.integers(0, 3))))
    return Award(
        id=AwardId(award_id),
        title=draw(texts(languages)),
        candidates=tuple(
            Candidate(
                id=CandidateId(c),
                name=draw(texts(languages)),
                # Of its own, since no two candidates may read the same.
                entrant=Text.plain(f"entrant {c}"),
                detail=draw(st.none() | texts(languages)),
            )
            for c in draw(ids(entered))
        ),
        session=draw(st.none() | st.sampled_from([SessionId(s) for s in sessions])) if sessions else None,
        note=draw(st.none() | texts(languages)),
        none_of_the_above=nobody,
        jury=tuple(jury),
        vote=vote,
        pitches=draw(pitches(span)),
        decision=draw(decision(Rounds(jury, vote), span)),
        scrutineers=tuple((ScrutineerId(s), draw(lines)) for s in scrutineers),
        approvals=draw(st.integers(1, len(scrutineers))) if scrutineers else 1,
        checkpoint_s=draw(st.integers(5, 600)),
        checkpoint_min=draw(st.integers(1, 99)),
    )
