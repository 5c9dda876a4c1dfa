"""What is published of an award, as texts by file name; server/record writes them into a zip.

Ballots stand in record order: the batches of the checkpoints, each sorted by leaf. Sheets stand sorted by
leaf. A round that publishes totals shows its leaves alone, so that its box can still be checked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voting.record.canonical import canonical_json, sha256_hex
from voting.record.log import LogEntry, entry_to_json
from voting.record.merkle import leaf_of

Line = Mapping[str, object]
"""A ballot or sheet with the fields of docs/awards.md, or a bare leaf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """A code of a round: its class, and its hash in hexadecimal digits."""

    round: str
    class_id: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything of a record. `rules` and `result` are plain values, `public_key` hexadecimal digits."""

    rules: Mapping[str, object]
    register: Sequence[CodeLine]
    spent: Sequence[CodeLine]
    ballots: Sequence[Line]
    sheets: Sequence[Line]
    log: Sequence[LogEntry]
    result: Mapping[str, object]
    public_key: str


def leaf_only(line: Line) -> Line:
    """What is published of a ballot or sheet of a round that publishes totals."""
    return {"round": line["round"], "leaf": leaf_of(line).hex()}


def code_lines(codes: Iterable[CodeLine]) -> str:
    """The text of register.txt or spent.txt: sorted, so that no order of handing out or voting is left.

    Raises ValueError when a round, class or hash has a space, or a code comes twice.
    """
    lines = sorted(f"{code.round} {code.class_id} {code.hash}\n" for code in codes)
    if any(line.count(" ") != 2 or line.count("\n") != 1 for line in lines):
        raise ValueError("a round, class or hash with a space or a line end has no line in the register")
    if len(set(lines)) < len(lines):
        raise ValueError("a code comes twice")
    return "".join(lines)


def codes_hash(codes: Iterable[CodeLine], round_id: str) -> str:
    """The hash of a round's lines, as REGISTER and SEAL log it."""
    return sha256_hex(code_lines(code for code in codes if code.round == round_id))


def files_of(record: Record) -> dict[str, str]:
    """The texts of the record by file name, without recount.py and README.txt."""
    return {
        "rules.json": canonical_json(record.rules),
        "register.txt": code_lines(record.register),
        "spent.txt": code_lines(record.spent),
        "ballots.jsonl": json_lines(record.ballots),
        "sheets.jsonl": json_lines(record.sheets),
        "log.jsonl": "".join(entry_to_json(entry) + "\n" for entry in record.log),
        "result.json": canonical_json(record.result),
        "key.txt": record.public_key + "\n",
    }


def json_lines(lines: Iterable[Line]) -> str:
    return "".join(canonical_json(line) + "\n" for line in lines)
