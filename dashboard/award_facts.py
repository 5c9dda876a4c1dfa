"""What the screens of an award need beside its rules and its run, read by the server for everybody at once.

It may hold what nobody is to see yet: a view takes out of it what the reveal has shown, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from polls.award.life import AwardRun, Phase, RoundState, phase, round_ids
from polls.award.model import Award, RoundId
from voting.award.counted import AwardKind, AwardResult
from voting.award.ports import Turnout
from voting.award.reveal import RevealStep
from voting.award.tiedesk import TieDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardFacts:
    """The round under way, and the result once every round is sealed.

    `turnout` is that of a vote, by class; `locked` are the sheets that jurors have locked. `pinned` is the
    number of ballots at the newest checkpoint (None before the first), `words` stand for its root.
    `steps` are all steps of the reveal, empty while the result is not decided.
    """

    turnout: Mapping[str, Turnout] = field(default_factory=dict)
    locked: int = 0
    pinned: int | None = None
    words: tuple[str, ...] = ()
    result: AwardResult | None = None
    steps: tuple[RevealStep, ...] = ()
    tie: TieDesk | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether the tie for first place waits for the chair or the draw."""
        return self.result is not None and self.result.kind is AwardKind.UNDECIDED

    def is_last(self, run: AwardRun) -> bool:
        """Whether the step that comes next is the last one, after which everybody knows."""
        return bool(self.steps) and run.steps + 1 == len(self.steps)


NO_FACTS = AwardFacts()


def round_now(award: Award, run: AwardRun) -> RoundId | None:
    """The first round that is not sealed: open, closed, or the next to open; None when all are sealed."""
    return next((r for r in round_ids(award, run) if run.round(r).state is not RoundState.SEALED), None)


def cast_by(turnout: Turnout) -> int:
    """The ballots of one class, by all channels."""
    return sum(turnout.cast.values())


def phase_key(award: Award, run: AwardRun) -> str:
    """The end of the words' key for how far an award has come: its phase, or "ready" while the rules are
    frozen and no round was opened yet: nothing is under way then."""
    now = phase(award, run)
    has_begun = any(run.round(one).state is not RoundState.WAITING for one in round_ids(award, run))
    return "ready" if now is Phase.FROZEN and not has_begun else now.value
