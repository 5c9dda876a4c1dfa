"""What every ballot file is read into, and the one error they all raise."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from voting.rankings import Profile


class FormatError(ValueError):
    """A ballot file that cannot be read as it stands: where (line and column, from 1) and why."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotFile:
    """An election as its file describes it.

    `profile` holds the candidates who stand, in the order of the file; those `withdrawn` are already
    taken off the ballots. `implicit_ranking` is what the file says about it, None when it says nothing.
    `seats` is the file's number of seats, None when it names none; every method here elects one.
    """

    profile: Profile
    title: str = ""
    seats: int | None = None
    withdrawn: tuple[str, ...] = ()
    implicit_ranking: bool | None = None


def whole(text: str) -> bool:
    """Whether a text is a whole number in plain digits (not "1_000", "+1" or other scripts' digits)."""
    return text.isascii() and text.isdigit()


LONGEST = 1_000
"""The most digits of a number in a file: far beyond any election, and quick to read."""


def to_number(text: str, line: int, column: int) -> int:
    """The whole number of a text of plain digits. Raises FormatError, at its place, when it is too long."""
    if len(text) > LONGEST:
        raise FormatError(line, column, f"a number of {len(text)} digits; at most {LONGEST} are read")
    return int(text)


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names, those that come twice with their number in the file added: "Write-in [3]".

    In files that number their candidates two may have one name; in a result they must be told apart.
    """
    times = Counter(names)
    given: list[str] = []
    for number, name in enumerate(names, start=1):
        unique = name if times[name] == 1 else f"{name} [{number}]"
        while unique != name and unique in times:
            unique += "*"
        given.append(unique)
    return tuple(given)


def without_mark(text: str) -> str:
    """The text without the byte order mark that some programs put in front."""
    return text.removeprefix("\ufeff")
