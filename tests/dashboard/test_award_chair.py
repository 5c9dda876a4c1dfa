"""The chair's progress: how far each juror is, whatever was withdrawn meanwhile."""

from dataclasses import replace

from dashboard.award_chair import chair_round
from dashboard.award_jury import sheet_view
from dashboard.console_view import action_lines
from polls.award.life import AwardRun, RoundRun, RoundState
from polls.award.model import Criterion, CriterionId
from polls.model import Text
from polls.ports import AuditEntry
from tests.dashboard.award_samples import ALL_SEALED, PRIZE, state_at
from tests.polls.award_sample import ANA
from tests.voting.award.material import award, ids, jury
from voting.award.ports import Progress
from voting.jury.sheet import Sheet


def test_a_withdrawal_makes_nobody_judge_more_entries_than_there_are() -> None:
    """The sheets were locked before C withdrew, and the page said 3 of 2."""
    panel = jury(2)
    one = award("abc", jury_rounds=[panel])
    run = AwardRun(rounds={panel.id: RoundRun(state=RoundState.CLOSED)}, withdrawn=ids("c"))
    progress = {
        "j1": Progress(rev=2, is_locked=True, marked=3, recused=0),
        "j2": Progress(rev=2, is_locked=True, marked=2, recused=1),
    }

    lines = chair_round(one, run, panel, progress, "en").lines

    assert [line.judged for line in lines] == ["2 of 2", "1 of 1"]


def test_the_direction_of_the_marks_is_in_sight() -> None:
    """Where 1 is the best mark at school, a juror could have marked upside down."""
    panel = jury(2)
    one = award("ab", jury_rounds=[panel])
    run, sheet = AwardRun(), Sheet(juror=panel.jurors[0].id)

    said = sheet_view(one, run, panel, sheet, "de").how
    assert said == "Je höher die Note, desto besser: 0 ist die niedrigste, 100 die höchste."

    other = Criterion(id=CriterionId("k2"), name=Text.plain("Other"), low=1, high=5)
    mixed = replace(panel, criteria=(*panel.criteria, other))
    one = award("ab", jury_rounds=[mixed])
    assert sheet_view(one, run, mixed, sheet, "en").how == "The higher the mark, the better."


def test_the_log_names_jurors_and_scrutineers() -> None:
    """A look of the chair stood in the log as that of "j1"."""
    state = state_at(PRIZE, ALL_SEALED)
    entries = [
        AuditEntry(
            seq=seq,
            at_ms=0,
            actor=actor,
            action="award_look",
            subject=f"award:{PRIZE.id}",
            body={},
            prev="",
            hash="",
        )
        for seq, actor in enumerate(("juror:j1", f"scrutineer:{ANA}", "juror:gone"), 1)
    ]

    said = [line.who for line in action_lines(state, entries, "en", 0)]

    assert said == ["gone", dict(PRIZE.scrutineers)[ANA], PRIZE.jury[0].jurors[0].name]
