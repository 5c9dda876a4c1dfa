"""What awards need done with registers, ballots and jury sheets; the server's stores do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from polls.award.model import AwardId, RoundId
from polls.model import EventId

CODE, DEVICE, HANDS, PAPER = "code", "device", "hands", "paper"
"""The channels by which ballots come."""


class At(NamedTuple):
    """One round of one award of one event."""

    event: EventId
    award: AwardId
    round: RoundId


class RegisterLine(NamedTuple):
    """One voter of a register: the hash of the token, the class, and the hash of the typed code, if any."""

    credential: str
    voter_class: str
    alias: str = ""


class Vote(NamedTuple):
    """A ballot on its way into the box.

    `credential` is the hash of a token or typed code, or a device's voter key under the round's secret; it
    is empty for hands and paper, and for a device once the secret is destroyed. `text` is the ballot as
    canonical JSON; it holds `voter_class` and `receipt` too.
    """

    credential: str
    voter_class: str
    receipt: str
    text: str


class CodeState(NamedTuple):
    """A code of the register: its line, its class, and whether a ballot was cast with it."""

    credential: str
    voter_class: str
    is_used: bool


class Turnout(NamedTuple):
    """Voters of one class: lines in the register, and ballots by channel."""

    register: int
    cast: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """`added` leaves were recorded anew; `leaves` are all that are recorded, in record order."""

    added: int
    leaves: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What a closed or sealed round holds.

    `ballots` and `sheets` are canonical JSON by leaf, in the order of their leaves; `leaves` stand in record
    order; `spent` are the used credentials in their own order (none for devices once sealed). `box_hash` is
    the root that was fixed at the close.
    """

    ballots: Mapping[str, str]
    sheets: Mapping[str, str]
    leaves: Sequence[str]
    spent: Sequence[str]
    box_hash: str
    is_sealed: bool


class SheetAct(StrEnum):
    """What a juror does with a sheet."""

    SAVE = "save"
    LOCK = "lock"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A juror's sheet as stored: `text` is canonical JSON, `rev` rises with every act."""

    rev: int
    is_locked: bool
    text: str


class Progress(NamedTuple):
    """How far a juror is: entries marked and recused from, and whether the sheet is locked. Never marks."""

    rev: int
    is_locked: bool
    marked: int
    recused: int


class Electorate(StrEnum):
    """Who puts what into a round's box."""

    CODES = "codes"
    DEVICES = "devices"
    JURY = "jury"


class FilesState(StrEnum):
    """What became of the files in which a store keeps its past."""

    REWRITTEN = "rewritten"
    NO_NEED = "no-need"
    """Nothing was sealed since they were last rewritten, or the store has no files."""
    REFUSED = "refused"
    """The store does not let us: whoever runs it must rewrite or delete its files and backups."""


class AwardBox(Protocol):
    """Registers, boxes and sheets of awards. The store decides, in the order in which it runs things (L3).

    A round goes waiting → open → closed → sealed, and never back. All raise StoreUnavailable, and StoreFull
    where they would write more; then nothing is known, and the same may be tried again: every act here may
    be repeated.
    """

    async def load_register(self, at: At, lines: Sequence[RegisterLine], *, replace: bool = False) -> None:
        """Put in who may vote, before the round opens. Raises RoundRefused: `opened`, `loaded` (a register
        is there and `replace` was not said), `nothing` (no such event)."""
        ...

    async def register(self, at: At) -> Mapping[str, str]:
        """Credential -> class, in the order of credentials; empty when none was loaded."""
        ...

    async def register_lines(self, at: At) -> list[RegisterLine]:
        """The register's lines with their typed codes' hashes, as they were loaded: for a run-off, in which
        the same codes vote again."""
        ...

    async def open(self, at: At, electorate: Electorate, secret: str = "") -> None:
        """Let the round take ballots or sheets. `secret` (hex) is what devices' voter keys are made under.
        Raises RoundRefused: `over` (it was closed before), `no_register`, `nothing`."""
        ...

    async def device_secret(self, at: At) -> bytes | None:
        """The secret of devices' voter keys; None before the opening and once it is destroyed."""
        ...

    async def find_code(self, at: At, hash: str) -> CodeState | None:
        """The register's line of a token or typed code, by its hash; None when there is none."""
        ...

    async def cast(self, at: At, channel: str, votes: Sequence[Vote]) -> list[str]:
        """Decide a batch in its order, atomically; on return the counted ones are on disk. A code for each:

        ok, dup (this ballot is in the box: the receipt again, whatever the state), used (the code has cast
        another ballot), closed, frozen, unknown (no such code in the register, or of another class),
        receipt_taken (another voter's ballot has this receipt), malformed (cannot be stored).
        """
        ...

    async def enter(
        self, at: At, channel: str, voter_class: str, texts: Mapping[str, str], before: int
    ) -> None:
        """Put in ballots counted by hand: receipt -> canonical JSON, all or none, once for each channel and
        class. `before` is how many ballots of the channel are in already. Raises RoundRefused: `closed`,
        `frozen`, `entered`, `receipt_taken`; StoreConflict when `before` is not so."""
        ...

    async def turnout(self, at: At) -> Mapping[str, Turnout]:
        """Class -> turnout; the only figures while the round is open."""
        ...

    async def has_receipt(self, at: At, receipt: str) -> bool:
        """Whether a ballot with this receipt is in the box (a ballot that is voided stays in it: who may
        void, and that it is voided, stands in the award's run)."""
        ...

    async def checkpoint(self, at: At, least: int) -> Checkpoint:
        """Record the leaves of ballots that came since the last checkpoint, sorted, if there are `least`
        or more (else added is 0)."""
        ...

    async def pinned(self, at: At) -> int:
        """How many leaves are recorded: a ballot that was in the box before this was asked is held by the
        first checkpoint with more, or by that of the close."""
        ...

    async def close(self, at: At) -> Box:
        """Take nothing more: from here on the box is fixed, and named by its hash. Again: the same box.
        Raises RoundRefused `waiting`."""
        ...

    async def read_box(self, at: At) -> Box:
        """What is in a closed box. Raises RoundRefused `open`: until the close nobody reads it."""
        ...

    async def seal(self, at: At, box_hash: str) -> None:
        """Make the round final: the used codes and the box are put in anew, each in the order of its own
        hash; drafts, device keys and the secret are destroyed. k approvals are checked by the caller.

        What the store's files remember goes with `rewrite_files`, which is to be called next. Raises
        RoundRefused: `open`, `other_box` (the box that was approved is another one), and RecountMismatch
        when what is in the box does not give its hash.
        """
        ...

    async def rewrite_files(self, event: EventId) -> FilesState:
        """Have the store write its files anew, so that they forget what was sealed, reset, deleted."""
        ...

    async def freeze(self, at: At, reason: str) -> None:
        """Take no ballots for now, because `reason`; empty: go on."""
        ...

    async def act_on_sheet(
        self, at: At, juror: str, act: SheetAct, rev: int, text: str = "", marked: int = 0, recused: int = 0
    ) -> str:
        """Save a draft, lock it, or unlock it before the close. A code: ok, dup (the same again), stale (a
        newer one is stored), locked (unlock it first), closed, frozen, empty (nothing to lock or unlock)."""
        ...

    async def sheet(self, at: At, juror: str) -> Sheet | None:
        """A juror's own sheet."""
        ...

    async def progress(self, at: At) -> Mapping[str, Progress]:
        """Juror -> how far the sheet is; what the chair may see before the seal."""
        ...
