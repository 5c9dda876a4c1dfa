"""A voter's own check: the ballot that stands in the record under a receipt, and the box it is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voting.record.log import EntryType, LogEntry
from voting.record.merkle import inclusion_proof, leaf_of
from voting.record.words import root_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCheck:
    """What a receipt leads to.

    `ballot` is the published ballot, `place` where it stands in its round's record (from 1), `count` and
    `root` the first head of the log that holds it, `words` what the stage showed for that root, and
    `proof` leads from `leaf` to `root` (RFC 6962, hexadecimal digits). `voided` is the reason for which
    the ballot does not count; None when it does.
    """

    ballot: Mapping[str, object]
    place: int
    leaf: str
    count: int
    root: str
    words: tuple[str, ...]
    proof: tuple[str, ...]
    voided: str | None = None


def check_receipt(
    receipt: str, round_id: str, ballots: Sequence[Mapping[str, object]], log: Sequence[LogEntry]
) -> ReceiptCheck | None:
    """The check of a receipt in one round's published ballots (all of them, in record order).

    None when no ballot has the receipt: the ballot was never accepted, or it is missing. Raises
    ValueError when the ballot is in no head of the log.
    """
    at = next((i for i, ballot in enumerate(ballots) if ballot.get("receipt") == receipt), None)
    if at is None:
        return None
    count, root = _first_head(round_id, at, log)
    leaves = [leaf_of(ballot) for ballot in ballots[:count]]
    return ReceiptCheck(
        ballot=ballots[at],
        place=at + 1,
        leaf=leaves[at].hex(),
        count=count,
        root=root,
        words=root_words(root),
        proof=tuple(sibling.hex() for sibling in inclusion_proof(leaves, at)),
        voided=next(
            (
                str(entry.body["reason"])
                for entry in log
                if entry.type is EntryType.VOIDED and entry.body["receipt"] == receipt
            ),
            None,
        ),
    )


def _first_head(round_id: str, at: int, log: Sequence[LogEntry]) -> tuple[int, str]:
    for entry in log:
        if entry.type in (EntryType.CHECKPOINT, EntryType.CLOSE) and entry.body["round"] == round_id:
            count = entry.body["count"]
            if isinstance(count, int) and count > at:
                return count, str(entry.body["root"])
    raise ValueError(f"ballot {at + 1} of round {round_id!r} is in no checkpoint and not in the closed box")
