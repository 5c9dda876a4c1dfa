"""`hemicycle count`: count ballot files by preference methods, outside any event (docs/counting.md)."""

import json
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import click

from voting.count_outcome import CountOutcome, outcome_to_dict
from voting.formats import FORMATS, BallotFile, FormatError, read
from voting.formats.parts import LONGEST, whole
from voting.methods import METHODS, Counting, MethodRefused
from voting.rulebook import Duplicates, Overvote, Rulebook, Unranked

FAILED = 2

_OVERVOTES: Mapping[str, Overvote] = {
    "onlycontinuing": Overvote.ONLY_CONTINUING,
    "default": Overvote.ONLY_CONTINUING,
    "alwaysskiptonextrank": Overvote.SKIP,
    "alwaysskip": Overvote.SKIP,
    "skip": Overvote.SKIP,
    "exhaustimmediately": Overvote.EXHAUST,
    "exhaust": Overvote.EXHAUST,
    "exhaustifmultiplecontinuing": Overvote.EXHAUST_IF_MULTIPLE,
    "exhaustifmultiple": Overvote.EXHAUST_IF_MULTIPLE,
}
_DUPLICATES: Mapping[str, Duplicates] = {
    "skip": Duplicates.SKIP,
    "false": Duplicates.SKIP,
    "exhaust": Duplicates.EXHAUST,
    "exhaustonduplicatecandidate": Duplicates.EXHAUST,
    "true": Duplicates.EXHAUST,
}
_UNRANKED: Mapping[str, Unranked] = {
    "zero": Unranked.ZERO,
    "average": Unranked.AVERAGE,
    "length": Unranked.LENGTH,
    "ballotlength": Unranked.LENGTH,
}


class Word(click.ParamType[Any]):
    """One of several words; case, hyphens, underscores and spaces in them do not matter."""

    name = "word"

    def __init__(self, words: Mapping[str, Any], shown: str) -> None:
        self.words = words
        self.shown = shown

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        plain = str(value).lower().replace("-", "").replace("_", "").replace(" ", "")
        if plain not in self.words:
            self.fail(f"{value!r} is not one of {self.shown}.", param, ctx)
        return self.words[plain]

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return f"[{self.shown}]"


class Methods(click.ParamType[Any]):
    """Names of methods with commas between them; "all" is every one that counts rankings."""

    name = "methods"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        names = [name.strip().lower().replace("_", "-") for name in value.split(",") if name.strip()]
        names = [name for name in METHODS if not METHODS[name].marks] if names == ["all"] else names
        for name in names:
            if name not in METHODS:
                near = get_close_matches(name, METHODS, n=1)
                meant = f" Did you mean {near[0]}?" if near else ""
                self.fail(f"there is no method {name!r}; there are {', '.join(METHODS)}.{meant}", param, ctx)
        if not names:
            self.fail(f"name at least one of {', '.join(METHODS)}.", param, ctx)
        return tuple(dict.fromkeys(names))


class Skips(click.ParamType[Any]):
    """A number of ranks, or "unlimited"."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        if value is None or str(value).lower() == "unlimited":
            return None
        if not (whole(str(value)) and len(str(value)) <= LONGEST):
            self.fail(f"{value!r} is neither a number of ranks nor “unlimited”.", param, ctx)
        return int(value)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--method",
    "methods",
    type=Methods(),
    multiple=True,
    required=True,
    metavar="M[,M...]",
    help="How to count; or “all”.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file and method, each on a line.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="The format of the files, if their names do not say."
)
@click.option(
    "--unranked",
    type=Word(_UNRANKED, "zero|average|length"),
    default="zero",
    help="Points for candidates a ballot does not rank (borda, dowdall).",
)
@click.option(
    "--implicit-ranking/--no-implicit-ranking",
    default=None,
    help="Whether unranked candidates are below the ranked ones (pairwise methods). By default as the "
    "file says, and no if it says nothing.",
)
@click.option(
    "--overvote",
    type=Word(
        _OVERVOTES,
        "only-continuing|always-skip-to-next-rank|exhaust-immediately|exhaust-if-multiple-continuing",
    ),
    default="only-continuing",
    help="Several candidates in one rank (irv).",
)
@click.option("--skips", type=Skips(), help="How many skipped ranks in a row a ballot survives (irv).")
@click.option(
    "--duplicates",
    type=Word(_DUPLICATES, "skip|exhaust"),
    default="skip",
    help="A candidate named a second time (irv).",
)
@click.option("--seats", type=click.IntRange(min=1), default=1, help="Only 1: every method here elects one.")
@click.option("--withdrawn", multiple=True, metavar="NAME", help="Take a candidate off all ballots.")
@click.option(
    "--overvote-delimiter", metavar="TEXT", help="What stands between the candidates of an overvote (CVR)."
)
def count(
    files: tuple[str, ...],
    methods: tuple[tuple[str, ...], ...],
    as_json: bool,
    form: str | None,
    unranked: Unranked,
    implicit_ranking: bool | None,
    overvote: Overvote,
    skips: int | None,
    duplicates: Duplicates,
    seats: int,
    withdrawn: tuple[str, ...],
    overvote_delimiter: str | None,
) -> None:
    """Count ballot files by one or more methods.

    Each file is counted by itself. A file or method that cannot be counted gives no result but a line
    on standard error, the others are counted all the same, and the exit code is 2.
    """
    names = tuple(dict.fromkeys(chain.from_iterable(methods)))
    if seats != 1:
        raise click.UsageError(f"{', '.join(names)}: there is one winner; more seats are not counted here.")
    failed = False
    # Exact scores of long numbers and of thousands of candidates may have any number of digits.
    click.get_current_context().call_on_close(
        partial(sys.set_int_max_str_digits, sys.get_int_max_str_digits())
    )
    sys.set_int_max_str_digits(0)
    for name in files:
        try:
            ballots = _load(name, form, withdrawn, overvote_delimiter)
        except (FormatError, OSError, ValueError) as error:
            failed = True
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            click.echo(f"hemicycle: {name}: {reason}", err=True)
            continue
        implicit = bool(ballots.implicit_ranking) if implicit_ranking is None else implicit_ranking
        counting = Counting(ballots.profile)
        for method in names:
            rulebook = Rulebook(
                method=method,
                unranked=unranked,
                implicit_ranking=implicit,
                overvote=overvote,
                skips=skips,
                duplicates=duplicates,
            )
            try:
                outcome = counting.by(rulebook)
            except MethodRefused as refusal:
                failed = True
                click.echo(f"hemicycle: {name}: {refusal}", err=True)
                continue
            click.echo(_json(name, outcome) if as_json else _text(name, ballots, outcome))
    if failed:
        sys.exit(FAILED)


def _load(name: str, form: str | None, withdrawn: tuple[str, ...], delimiter: str | None) -> BallotFile:
    """Read one file. Raises FormatError, OSError, or ValueError for a candidate who is not in the file."""
    raw = Path(name).read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        raise FormatError(before.count(b"\n") + 1, column, "the text is not UTF-8") from None
    found = read(name, text, form, delimiter)
    if not withdrawn:
        return found
    for candidate in withdrawn:
        if candidate not in found.profile.candidates and candidate not in found.withdrawn:
            raise ValueError(f"there is no candidate {candidate!r} to withdraw")
    return BallotFile(
        profile=found.profile.without(withdrawn),
        title=found.title,
        seats=found.seats,
        withdrawn=(*found.withdrawn, *withdrawn),
        implicit_ranking=found.implicit_ranking,
    )


def _json(name: str, outcome: CountOutcome) -> str:
    return json.dumps({"file": name, **outcome_to_dict(outcome)})


def _text(name: str, ballots: BallotFile, outcome: CountOutcome) -> str:
    """The outcome for people: the verdict, the places with their scores, the ties."""
    lines = [f"{name}: {METHODS[outcome.method].title} ({outcome.method})"]
    if ballots.title:
        lines.append(f"  {ballots.title}")
    winners = ", ".join(outcome.winners)
    verdict = {
        "winner": f"winner: {winners}",
        "shared": f"shared first place: {winners}",
        "undecided": "undecided",
        "no-valid-votes": "no valid votes",
    }[outcome.kind]
    lines.append(f"  {verdict} ({outcome.ballots} ballots, {outcome.valid} valid)")
    place = 1
    for group in outcome.ranking:
        lines += [f"  {place:>4}. {candidate}: {outcome.scores[candidate]}" for candidate in group]
        place += len(group)
    for number, entry in enumerate(outcome.rounds, start=1):
        figures = ", ".join(f"{candidate} {votes}" for candidate, votes in entry.tally.items())
        lines.append(f"  round {number}: {figures}; exhausted {entry.exhausted}")
        lines += [f"           out: {', '.join(entry.eliminated)}"] if entry.eliminated else []
    for tie in outcome.ties:
        where = "" if tie.round is None else f" in round {tie.round}"
        lines.append(f"  tie{where}: {', '.join(tie.candidates)}; {tie.rungs[-1]}")
    lines += [f"  withdrawn: {', '.join(ballots.withdrawn)}"] if ballots.withdrawn else []
    return "\n".join(lines)
