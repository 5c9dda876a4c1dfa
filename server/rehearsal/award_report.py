"""What came of rehearsing an award, as figures and in plain words."""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class AwardReport:
    """`accepted` counts ballots whose voter read that they are counted; `found` those that the record holds
    as they were cast. `refused` counts what had to be refused and was: wrong codes and used ones.
    Of troubles: `absent` jurors never locked, `withdrawn` counts candidates, `voided` ballots, `by_hand`
    those of hands and paper, `tied` candidates who were first together, `recounts` those of the whole record.
    `told` are phones that got the result, of `phones`. `faults` says in plain words what was lost or does
    not fit; without any, all is well.
    """

    award: str
    jurors: int = 0
    locked: int = 0
    recused: int = 0
    absent: int = 0
    withdrawn: int = 0
    voided: int = 0
    by_hand: int = 0
    tied: int = 0
    runoffs: int = 0
    recounts: int = 0
    codes: int = 0
    accepted: int = 0
    sent_twice: int = 0
    refused: int = 0
    checkpoints: int = 0
    seals: int = 0
    pitches: int = 0
    steps: int = 0
    phones: int = 0
    told: int = 0
    found: int = 0
    recount: str = ""
    faults: list[str] = field(default_factory=list)

    def must(self, holds: bool, fault: str) -> None:
        """Note a fault unless something holds."""
        if not holds:
            self.faults.append(fault)


def award_words(report: AwardReport) -> list[str]:
    """The report for people."""
    lines = [f"Award {report.award}:"]
    if report.jurors:
        lines.append(f"  {report.locked} of {report.jurors} sheets were locked, {report.recused} recusals.")
    if report.pitches:
        lines.append(f"  {report.pitches} finalists pitched before the last round.")
    if report.tied or report.by_hand or report.absent:
        lines.append(
            f"  Troubles: {report.absent} absent jurors, {report.by_hand} ballots by hands and paper, "
            f"{report.withdrawn} withdrawn candidates, {report.voided} voided ballots, "
            f"{report.tied} tied for first place, {report.runoffs} run-offs."
        )
    if report.accepted or report.codes:
        lines.append(
            f"  {report.accepted} ballots were counted, {report.sent_twice} of them sent twice; "
            f"{report.refused} wrong or used codes were refused."
        )
    lines.append(
        f"  Checkpoints: {report.checkpoints}; seals: {report.seals}; steps of the reveal: {report.steps}. "
        f"{report.told} of {report.phones} phones got the result."
    )
    if report.accepted:
        lines.append(f"  {report.found} of {report.accepted} receipts are in the record.")
    times = "" if report.recounts < 2 else f" {report.recounts} times"
    lines.append(f"  The recount of the record says{times}: {report.recount}")
    lines.extend(f"  Wrong: {fault}" for fault in report.faults)
    return lines
