"""The recount: box and tally rebuilt from the ballot log alone, and compared with the store's (law L4)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from voting.ballot import BoxEntry
from voting.errors import RecountMismatch
from voting.ports import LogEntry, RoundReading
from voting.profile import encode_ballot, encode_entry
from voting.result import Entry, Tally


class Recount:
    """One round, recounted as its log grows.

    Feed it every log entry once, in the log's order, in as many pieces as you like; then compare it
    with a reading taken at the same moment as the last piece. Adding costs no more than the new
    entries; only comparing looks at the whole box.

    The log holds accepted ballots only, so a voter's revisions rise in it. One that does not is
    itself a fault: it is named by `differences` from then on and counts for nothing.
    """

    def __init__(self) -> None:
        self._box: dict[str, BoxEntry] = {}
        self._tally: dict[Entry, int] = {}
        self._faults: list[str] = []

    def add(self, entries: Iterable[LogEntry]) -> None:
        """Take the log's next entries."""
        for logged in entries:
            new, old = logged.entry, self._box.get(logged.voter)
            try:
                encode_ballot(new.segment, new.canonical)
            except ValueError:
                self._faults.append(f"log entry {logged.id} holds no ballot that can be read")
                continue
            if old is not None and new.rev <= old.rev:
                self._faults.append(
                    f"log entry {logged.id} has revision {new.rev}, which does not follow revision {old.rev}"
                )
                continue
            self._box[logged.voter] = new
            if old is not None:
                self._count(old, -1)
            self._count(new, 1)

    def _count(self, ballot: BoxEntry, by: int) -> None:
        entry = Entry(ballot.segment, ballot.canonical)
        count = self._tally.get(entry, 0) + by
        if count:
            self._tally[entry] = count
        else:
            del self._tally[entry]

    def tally(self) -> Tally:
        """The tally that the log gives, as it stands now."""
        return dict(self._tally)

    def box(self) -> Mapping[str, BoxEntry]:
        """The box that the log gives: voter key -> newest ballot. A read-only view that follows `add`."""
        return MappingProxyType(self._box)

    def differences(self, reading: RoundReading) -> list[str]:
        """What box and tally of `reading` say otherwise than the log, in plain words; empty when they agree.

        `reading.log` must have been added already. No voter key stands in the words, but counts of
        ballots do: they are for whoever may see the result.
        """
        return [*self._faults, *self._box_differences(reading.box), *self._tally_differences(reading.tally)]

    def check(self, reading: RoundReading) -> None:
        """Raise RecountMismatch when `differences` finds any.

        The error's words give their number only: they are shown to people who may not see a hidden
        result. Its notes (PEP 678) hold the differences, for the log of the server.
        """
        found = self.differences(reading)
        if not found:
            return
        error = RecountMismatch(
            "box, tally and ballot log do not agree: "
            + _number(len(found), "one difference was found", "differences were found")
        )
        for difference in found:
            error.add_note(difference)
        raise error

    def _box_differences(self, box: Mapping[str, BoxEntry]) -> list[str]:
        missing = sum(voter not in box for voter in self._box)
        strange = sum(voter not in self._box for voter in box)
        altered = sum(voter in box and box[voter] != entry for voter, entry in self._box.items())
        found = []
        if missing or strange:
            found.append(f"the log has {_number(len(self._box), 'one voter', 'voters')}, the box {len(box)}")
        if missing:
            found.append(
                _number(missing, "one ballot of the log is", "ballots of the log are") + " not in the box"
            )
        if strange:
            found.append(
                _number(strange, "one ballot of the box is", "ballots of the box are") + " not in the log"
            )
        if altered:
            found.append(
                _number(altered, "one ballot of the box differs", "ballots of the box differ")
                + " from the same voter's newest in the log"
            )
        return found

    def _tally_differences(self, tally: Mapping[str, int]) -> list[str]:
        # Compared as texts, so that a key that cannot be read is a difference and not a crash.
        expected = {encode_entry(*entry): count for entry, count in self._tally.items()}
        return [
            f"tally entry {key!r}: the log gives {expected.get(key, 0)}, the tally has {tally.get(key, 0)}"
            for key in sorted({*expected, *tally})
            if expected.get(key, 0) != tally.get(key, 0)
        ]


def _number(count: int, one: str, many: str) -> str:
    return one if count == 1 else f"{count} {many}"
