"""The law of the record: the server's result and that of recount.py, which share no code, are equal.

On random rules, sheets and ballots: every jury rule, every method, every blend, ladders with chair and
lot, run-offs, withdrawals before and after a seal, voided ballots. Few voices and marks make ties frequent;
where two candidates are treated alike by all, most awards end in one.
"""

import functools
import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from unittest.mock import patch

from hypothesis import event, given, seed, settings
from hypothesis import strategies as st

from polls.award.model import Award, Publish, Rung
from polls.model import Text
from server.record import recount
from tests.polls.award_strategies import Span, award
from tests.server.record.evening import Evening
from voting.award.counted import AwardKind, AwardResult
from voting.award.ladder import NOBODY_RUNG

MULTIPLES = functools.lru_cache(recount.multiples)  # the key's tables are the same every time
WIDE = Span(jurors=6, steps=1, turnout=2, publish=(Publish.BALLOTS,), is_loose=True)
FEW = replace(
    WIDE,
    candidates=3,
    fewest_jurors=3,
    steps=2,
    turnout=0,
    nobody=False,
    rungs=1,
    always_votes=True,
)


def ready_to_tie(one: Award) -> Award:
    """The award with juries who rate whomever anybody judged and admit two at least, sides that weigh the
    same, and a ladder that begins with groups, which parts least, and asks the chair after all figures."""
    ladder = one.decision.ladder
    upper = sorted(ladder[:-1], key=lambda rung: (rung == Rung.CHAIR, rung != Rung.GROUPS))
    decision = replace(
        one.decision,
        ladder=(*upper, ladder[-1]),
        audience_table=one.decision.jury_table,
        jury_weight=1,
        audience_weight=1,
    )
    return replace(
        one,
        jury=tuple(
            replace(jury, quorum_min=0, quorum_share=Fraction(), shortlist=max(2, jury.shortlist))
            for jury in one.jury
        ),
        decision=decision,
    )


def awards(span: Span) -> st.SearchStrategy[Award]:
    """Awards of few words, whose checkpoints come often."""
    some = st.just(Text.plain("Some text"))
    drawn = award("best", ("en",), (), lambda languages: some, st.just("Somebody"), span)
    return drawn.map(lambda one: replace(one, checkpoint_min=2))


seeds = st.integers(0, 2**32)


def recounted(evening: Evening) -> AwardResult:
    """Hold the award; its recount must give the same result."""
    result = evening.hold()
    evening.draft.finish(result.as_dict())
    audit = recount.Audit()
    with patch.object(recount, "multiples", MULTIPLES):
        audit.run(evening.draft.files())
    assert [fault for _, _, faults in audit.checks for fault in faults] == []
    return result


def ended_by(result: AwardResult) -> str:
    """The kind of rung at which a tie for first place ended; empty without one."""
    if not result.ties or result.ties[0].rung == NOBODY_RUNG:
        return ""
    rung = result.ties[0].rung
    return rung.partition(":")[0].rstrip("0123456789")


@given(awards(WIDE), seeds)
@settings(max_examples=60)
def test_the_server_and_the_recount_give_one_result(one: Award, number: int) -> None:
    result = recounted(Evening(one, random.Random(number)))
    event(f"{result.kind}, first place parted by {ended_by(result) or 'nothing'}")


@given(awards(replace(WIDE, publish=tuple(Publish))), seeds)
@settings(max_examples=100)
def test_of_rounds_that_publish_totals_nothing_true_is_called_a_fault(one: Award, number: int) -> None:
    recounted(Evening(one, random.Random(number)))


def test_ties_for_first_place_are_common_and_end_on_every_rung() -> None:
    ended: Counter[str] = Counter()
    kinds: Counter[AwardKind] = Counter()

    def hold(one: Award, number: int) -> None:
        result = recounted(Evening(one, random.Random(number), has_twins=True))
        ended[ended_by(result)] += 1
        kinds[result.kind] += 1

    every = {"", *Rung, "criterion", "runoff"}
    for start in range(24):  # fresh starts find more kinds of ties than one long search
        law = given(awards(FEW).map(ready_to_tie), seeds)(hold)
        seed(start)(settings(max_examples=25, database=None)(law))()
        if start > 2 and ended.keys() == every:
            break
    assert ended.keys() == every, ended
    assert ended.total() - ended[""] > ended.total() // 3, "first places that are tied"
    assert kinds.keys() >= {AwardKind.WINNER, AwardKind.SHARED, AwardKind.UNDECIDED}
