"""An instant runoff round by round: who holds how many ballots, what moved, who left."""

from dataclasses import dataclass

from dashboard.words import say
from polls.model import Poll
from voting.result import Result
from voting.rounds import Round, TieMet


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCell:
    """One option in one round: its ballots, how many of them it gained since the round before, and
    whether it leaves after this round or has won in it."""

    option: str
    votes: int
    gained: int
    is_out: bool
    is_winner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRound:
    """One round. `cells` are of the options still in, in the order of the rows; `exhausted` counts the
    valid ballots that have no choice left, `threshold` is more than half; `sentence` says what came of
    it, `tie` how a tie for last was dealt with."""

    number: int
    title: str
    cells: tuple[FlowCell, ...]
    exhausted: int
    newly_exhausted: int
    threshold: int
    total: int
    sentence: str
    tie: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The rows (option id and label, who lasted longest first) and the rounds."""

    rows: tuple[tuple[str, str], ...]
    rounds: tuple[FlowRound, ...]
    exhausted: str
    """The name of the row for ballots without a choice left."""


def flow_of(poll: Poll, result: Result, lang: str) -> Flow | None:
    """The rounds of a runoff; None for other methods and without valid ballots."""
    if not result.rounds:
        return None
    names = {str(option.id): option.text.pick(lang) for option in poll.options}
    place = {str(option): at for at, option in enumerate(poll.option_ids)}
    last_in = {option: entry.number for entry in result.rounds for option in entry.tally}
    final = {option: votes for entry in result.rounds for option, votes in entry.tally.items()}
    rows = sorted(last_in, key=lambda option: (-last_in[option], -final[option], place[option]))
    rounds = []
    before: Round | None = None
    for entry in result.rounds:
        tie = next((tie for tie in result.ties_met if tie.round == entry.number), None)
        rounds.append(_round(entry, before, rows, names, tie, lang, entry is result.rounds[-1]))
        before = entry
    return Flow(
        rows=tuple((option, names[option]) for option in rows),
        rounds=tuple(rounds),
        exhausted=say(lang, "flow_exhausted"),
    )


def _round(
    entry: Round,
    before: Round | None,
    rows: list[str],
    names: dict[str, str],
    tie: TieMet | None,
    lang: str,
    is_last: bool,
) -> FlowRound:
    total = sum(entry.tally.values())
    number = entry.number
    if entry.elected:
        option = entry.elected[0]
        sentence = say(
            lang, "flow_won", n=number, option=names[option], count=entry.tally[option], total=total
        )
    elif len(entry.eliminated) == 1:
        option = entry.eliminated[0]
        sentence = say(
            lang, "flow_left", n=number, option=names[option], count=entry.tally[option], total=total
        )
    elif entry.eliminated:
        sentence = say(lang, "flow_left_together", n=number, names=_list(entry.eliminated, names))
    else:
        tied = tie.candidates if tie is not None else tuple(entry.tally)
        sentence = say(lang, "flow_tied", n=number, names=_list(tied, names))
    return FlowRound(
        number=number,
        title=say(lang, "flow_last_round" if is_last and before else "flow_round", n=number),
        cells=tuple(
            FlowCell(
                option=option,
                votes=entry.tally[option],
                gained=entry.tally[option] - before.tally[option] if before else 0,
                is_out=option in entry.eliminated,
                is_winner=option in entry.elected,
            )
            for option in rows
            if option in entry.tally
        ),
        exhausted=entry.exhausted,
        newly_exhausted=entry.exhausted - (before.exhausted if before else 0),
        threshold=entry.threshold,
        total=total,
        sentence=sentence,
        tie=tie_words(tie, names, lang) if tie is not None else "",
    )


def tie_words(tie: TieMet, names: dict[str, str], lang: str) -> str:
    """How a tie of a runoff was dealt with, by the rung that decided."""
    return say(
        lang,
        f"tie_{tie.rungs[-1]}",
        n=tie.round or 0,
        names=_list(tie.candidates, names),
        out=_list(tie.eliminated, names),
        before=tie.looked_at or 0,
    )


def flow_table(flow: Flow, head: str) -> tuple[tuple[str, ...], ...]:
    """The flow as a table: options down, rounds across, and what came of each round below; `head` is the
    name of the first column."""
    of = [{cell.option: cell for cell in entry.cells} for entry in flow.rounds]
    rows = [(head, *(entry.title for entry in flow.rounds))]
    for option, label in flow.rows:
        rows.append((label, *(str(cells[option].votes) if option in cells else "–" for cells in of)))
    rows.append((flow.exhausted, *(str(entry.exhausted) for entry in flow.rounds)))
    rows.append(("", *(" ".join(filter(None, (entry.sentence, entry.tie))) for entry in flow.rounds)))
    return tuple(rows)


def _list(options: tuple[str, ...], names: dict[str, str]) -> str:
    return ", ".join(names[option] for option in options)


__all__ = ["Flow", "FlowCell", "FlowRound", "flow_of", "flow_table", "tie_words"]
