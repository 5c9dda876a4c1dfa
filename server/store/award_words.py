"""What every store says of an award's round in the same words, and how its parts are read and checked."""

import re
from collections.abc import Mapping, Sequence

from voting.award.boxhash import leaf_of, root_of
from voting.award.codes import is_hash
from voting.award.ports import Box, RegisterLine, Sheet, Vote
from voting.errors import RecountMismatch, RoundRefused
from voting.record.bundle import CodeLine, codes_hash

WHY: Mapping[str, str] = {
    "nothing": "there is no such event",
    "opened": "the round was opened already: its register cannot change any more",
    "loaded": "the round has a register already; say that it is to be replaced, and its codes become void",
    "over": "the round was closed; it does not open again",
    "replaced": "the codes were made anew meanwhile; try again",
    "no_register": "the round has no register: make its codes first",
    "waiting": "the round was never opened",
    "open": "the round is not closed: until then nobody may read its box",
    "closed": "the round is not open",
    "frozen": "the round takes no ballots for now",
    "entered": "the ballots of this channel and class were entered before",
    "receipt_taken": "a ballot with this receipt is in the box already",
    "other_box": "the box that was approved is not the box of this round",
}

_NAME = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")


def allow(code: str) -> None:
    """Raise RoundRefused unless the store said ok."""
    if code != "ok":
        raise RoundRefused(code, WHY[code])


def check_lines(lines: Sequence[RegisterLine]) -> list[RegisterLine]:
    """The lines in the order of their credentials. Raises ValueError for hashes that are none or are there
    twice: two voters with one code would share one ballot."""
    hashes = [line.credential for line in lines] + [line.alias for line in lines if line.alias]
    if not all(map(is_hash, hashes)) or len(set(hashes)) != len(hashes):
        raise ValueError("a register holds SHA-256 hashes, each once")
    if not all(_NAME.fullmatch(line.voter_class) for line in lines):
        raise ValueError("a class is named by letters, digits and hyphens")
    return sorted(lines)


def register_hash(register: Mapping[str, str], round: str) -> str:
    """The hash of a round's register (credential -> class), as the public log names it."""
    return codes_hash(
        (CodeLine(round=round, class_id=held, hash=code) for code, held in register.items()), round
    )


def can_be_boxed(vote: Vote) -> bool:
    """Whether a ballot can be read back from the store's text form."""
    return (
        (not vote.credential or _KEY.fullmatch(vote.credential) is not None)
        and vote.credential != "-"
        and _NAME.fullmatch(vote.voter_class) is not None
        and _NAME.fullmatch(vote.receipt) is not None
        and _is_line(vote.text)
    )


def check_texts(texts: Mapping[str, str]) -> None:
    """Raises ValueError when hand-counted ballots cannot be stored."""
    if not texts or not all(_NAME.fullmatch(receipt) and _is_line(text) for receipt, text in texts.items()):
        raise ValueError("ballots are receipts with one line of JSON each, and there is at least one")


def check_sheet(juror: str, rev: int, text: str) -> None:
    """Raises ValueError when a sheet cannot be stored."""
    if not _NAME.fullmatch(juror) or not 0 <= rev < 2**53 or "\n" in text:
        raise ValueError("a sheet has a juror's id, a whole number of a revision, and one line of JSON")


def stored_sheet(rev: int, is_locked: bool, marked: int, recused: int, leaf: str, text: str) -> str:
    """A sheet as the store holds it."""
    return f"{rev} {int(is_locked)} {marked} {recused} {leaf} {text}"


def read_sheet(stored: str) -> Sheet:
    """A stored sheet without what only counts it."""
    rev, locked, _, _, _, text = stored.split(" ", 5)
    return Sheet(rev=int(rev), is_locked=locked == "1", text=text)


def make_box(
    state: str,
    box_hash: str,
    spent: Sequence[str],
    values: Sequence[str],
    leaves: Sequence[str],
    sheets: Sequence[str],
) -> Box:
    """A closed round from what a store read."""
    locked = sorted(
        (sheet.split(" ", 5)[4], read_sheet(sheet).text) for sheet in sheets if read_sheet(sheet).is_locked
    )
    return Box(
        ballots=dict(value.split(" ", 1) for value in values),
        sheets=dict(locked),
        leaves=leaves,
        spent=spent,
        box_hash=box_hash,
        is_sealed=state == "sealed",
    )


def check_box(box: Box) -> None:
    """Raises RecountMismatch when what lies in a box does not give the leaves and the hash that name it."""
    found = {**box.ballots, **box.sheets}
    altered = sum(leaf_of(text) != leaf for leaf, text in found.items())
    if altered or sorted(found) != sorted(box.leaves) or root_of(box.leaves) != box.box_hash:
        raise RecountMismatch(
            "what is in the box does not give its hash"
            + (f": {altered} of {len(found)} were altered" if altered else "")
        )


def _is_line(text: str) -> bool:
    return bool(text) and "\n" not in text


def register_lines(register: Mapping[str, str], alias: Mapping[str, str]) -> list[RegisterLine]:
    """The lines of a register (credential -> class) and of its typed codes (their hash -> credential)."""
    typed = {credential: code for code, credential in alias.items()}
    return [
        RegisterLine(credential, held, typed.get(credential, ""))
        for credential, held in sorted(register.items())
    ]
