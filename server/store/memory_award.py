"""Awards in plain dicts: the fake that tests run on, and the yardstick of the contract suite."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from polls.model import EventId
from server.store import award_words
from server.store.award_words import allow, check_box
from voting.award.boxhash import leaf_of, root_of
from voting.award.ports import (
    At,
    Box,
    Checkpoint,
    CodeState,
    Electorate,
    FilesState,
    Progress,
    RegisterLine,
    Sheet,
    SheetAct,
    Turnout,
    Vote,
)
from voting.errors import StoreConflict


@dataclass(slots=True)
class _Sheet:
    rev: int
    is_locked: bool
    marked: int
    recused: int
    text: str

    @property
    def stored(self) -> str:
        leaf = leaf_of(self.text) if self.is_locked else "-"
        return award_words.stored_sheet(self.rev, self.is_locked, self.marked, self.recused, leaf, self.text)


@dataclass(slots=True)
class _Round:
    state: str = ""
    electorate: str = ""
    frozen: str = ""
    box_hash: str = ""
    secret: str = ""
    register: dict[str, str] = field(default_factory=dict)
    alias: dict[str, str] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    box: dict[str, str] = field(default_factory=dict)
    """Receipt -> text."""
    fresh: set[str] = field(default_factory=set)
    leaves: list[str] = field(default_factory=list)
    sheets: dict[str, _Sheet] = field(default_factory=dict)
    cast: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(class, channel) -> ballots."""
    entered: set[tuple[str, str]] = field(default_factory=set)

    def refusal(self) -> str:
        if self.state != "open":
            return "closed"
        return "frozen" if self.frozen else ""

    def record_fresh(self) -> int:
        added = sorted(self.fresh)
        self.leaves += added
        self.fresh.clear()
        return len(added)


class MemoryAwards:
    """AwardBox in this process's memory. `exists` knows the events, `opened` the rounds that a decision has
    opened, `changed` wakes who listens to an event."""

    def __init__(
        self,
        exists: Callable[[EventId], bool],
        opened: Callable[[At], bool],
        changed: Callable[[EventId], None],
    ) -> None:
        self._exists, self._opened, self._changed = exists, opened, changed
        self._rounds: dict[At, _Round] = {}

    def forget(self, event: EventId) -> None:
        """The event was deleted."""
        for at in [at for at in self._rounds if at.event == event]:
            del self._rounds[at]

    def _of(self, at: At) -> _Round:
        return self._rounds.get(at) or _Round()

    async def load_register(self, at: At, lines: Sequence[RegisterLine], *, replace: bool = False) -> None:
        ordered = award_words.check_lines(lines)
        known = self._of(at)
        if not self._exists(at.event):
            allow("nothing")
        if known.state or self._opened(at):
            allow("opened")
        if known.register and not replace:
            allow("loaded")
        register = {line.credential: line.voter_class for line in ordered}
        alias = {line.alias: line.credential for line in ordered if line.alias}
        self._rounds[at] = _Round(register=register, alias=alias)
        self._changed(at.event)

    async def register(self, at: At) -> Mapping[str, str]:
        return dict(sorted(self._of(at).register.items()))

    def register_hash(self, at: At) -> str:
        """The hash of a round's register, as the public log names it."""
        return award_words.register_hash(self._of(at).register, at.round)

    async def register_lines(self, at: At) -> list[RegisterLine]:
        known = self._of(at)
        return award_words.register_lines(known.register, known.alias)

    async def open(self, at: At, electorate: Electorate, secret: str = "") -> None:
        known = self._of(at)
        if not self._exists(at.event):
            allow("nothing")
        if known.state:
            return allow("ok" if known.state == "open" else "over")
        if electorate is Electorate.CODES and not known.register:
            allow("no_register")
        known.state, known.electorate, known.secret = "open", electorate.value, secret
        self._rounds[at] = known
        self._changed(at.event)

    async def device_secret(self, at: At) -> bytes | None:
        secret = self._of(at).secret
        return bytes.fromhex(secret) if secret else None

    async def find_code(self, at: At, hash: str) -> CodeState | None:
        known = self._of(at)
        credential = known.alias.get(hash, hash)
        voter_class = known.register.get(credential)
        return None if voter_class is None else CodeState(credential, voter_class, credential in known.spent)

    async def cast(self, at: At, channel: str, votes: Sequence[Vote]) -> list[str]:
        known = self._of(at)
        codes = [self._decide(known, channel, vote) for vote in votes]
        if "ok" in codes:
            self._changed(at.event)
        return codes

    def _decide(self, known: _Round, channel: str, vote: Vote) -> str:
        if not award_words.can_be_boxed(vote):
            return "malformed"
        credential = known.alias.get(vote.credential, vote.credential)
        is_spent = credential in known.spent
        is_known_no_more = known.electorate == "devices" and known.state == "sealed"
        held = known.box.get(vote.receipt)
        if (is_spent or is_known_no_more) and held == vote.text:
            return "dup"
        if is_spent:
            return "used"
        if refusal := known.refusal():
            return refusal
        if known.electorate != f"{channel}s" or not credential:
            return "unknown"
        if known.electorate == "codes" and known.register.get(credential) != vote.voter_class:
            return "unknown"
        if held is not None:
            return "receipt_taken"
        known.spent.add(credential)
        known.box[vote.receipt] = vote.text
        known.fresh.add(leaf_of(vote.text))
        known.cast[vote.voter_class, channel] += 1
        return "ok"

    async def enter(
        self, at: At, channel: str, voter_class: str, texts: Mapping[str, str], before: int
    ) -> None:
        award_words.check_texts(texts)
        known = self._of(at)
        if refusal := known.refusal():
            allow(refusal)
        if (voter_class, channel) in known.entered:
            allow("entered")
        if before != sum(count for (_, by), count in known.cast.items() if by == channel):
            raise StoreConflict("other ballots of this channel have come meanwhile; number them anew")
        if any(receipt in known.box for receipt in texts):
            allow("receipt_taken")
        known.box.update(texts)
        known.fresh.update(map(leaf_of, texts.values()))
        known.entered.add((voter_class, channel))
        known.cast[voter_class, channel] += len(texts)
        self._changed(at.event)

    async def turnout(self, at: At) -> Mapping[str, Turnout]:
        known = self._of(at)
        lines = Counter(known.register.values())
        classes = sorted({*lines, *(voter_class for voter_class, _ in known.cast)})
        return {
            name: Turnout(
                lines[name],
                {channel: count for (of, channel), count in sorted(known.cast.items()) if of == name},
            )
            for name in classes
        }

    async def has_receipt(self, at: At, receipt: str) -> bool:
        return receipt in self._of(at).box

    async def checkpoint(self, at: At, least: int) -> Checkpoint:
        known, added = self._of(at), 0
        if known.state == "open" and len(known.fresh) >= max(1, least):
            added = known.record_fresh()
            self._changed(at.event)
        return Checkpoint(added=added, leaves=list(known.leaves))

    async def pinned(self, at: At) -> int:
        return len(self._of(at).leaves)

    async def close(self, at: At) -> Box:
        known = self._of(at)
        if not known.state:
            allow("waiting")
        if known.state == "open":
            known.record_fresh()
            known.leaves += sorted(leaf_of(sheet.text) for sheet in known.sheets.values() if sheet.is_locked)
            known.state, known.box_hash = "closed", root_of(known.leaves)
            self._changed(at.event)
        return await self.read_box(at)

    async def read_box(self, at: At) -> Box:
        known = self._of(at)
        if known.state not in ("closed", "sealed"):
            allow("open" if known.state else "waiting")
        values = sorted(f"{leaf_of(text)} {text}" for text in known.box.values())
        return award_words.make_box(
            known.state,
            known.box_hash,
            sorted(known.spent),
            values,
            list(known.leaves),
            [sheet.stored for sheet in known.sheets.values()],
        )

    async def seal(self, at: At, box_hash: str) -> None:
        box = await self.read_box(at)
        if box.box_hash != box_hash:
            allow("other_box")
        check_box(box)
        known = self._of(at)
        known.spent = set() if known.electorate == "devices" else known.spent
        known.sheets = {juror: sheet for juror, sheet in known.sheets.items() if sheet.is_locked}
        known.state, known.secret = "sealed", ""
        self._changed(at.event)

    async def rewrite_files(self, event: EventId) -> FilesState:
        return FilesState.NO_NEED

    async def freeze(self, at: At, reason: str) -> None:
        known = self._of(at)
        if known.state == "open":
            known.frozen = reason
            self._changed(at.event)

    async def act_on_sheet(
        self, at: At, juror: str, act: SheetAct, rev: int, text: str = "", marked: int = 0, recused: int = 0
    ) -> str:
        award_words.check_sheet(juror, rev, text)
        known = self._of(at)
        held = known.sheets.get(juror)
        if act is SheetAct.UNLOCK:
            new = held and _Sheet(rev, False, held.marked, held.recused, held.text)
        else:
            new = _Sheet(rev, act is SheetAct.LOCK, marked, recused, text)
        if held is not None and held == new:
            return "dup"
        if known.refusal() or known.electorate != "jury":
            return known.refusal() or "closed"
        if new is None:
            return "empty"
        if held is not None and rev <= held.rev:
            return "stale"
        if held is not None and held.is_locked and act is not SheetAct.UNLOCK:
            return "locked"
        known.sheets[juror] = new
        self._changed(at.event)
        return "ok"

    async def sheet(self, at: At, juror: str) -> Sheet | None:
        held = self._of(at).sheets.get(juror)
        return None if held is None else Sheet(rev=held.rev, is_locked=held.is_locked, text=held.text)

    async def progress(self, at: At) -> Mapping[str, Progress]:
        return {
            juror: Progress(sheet.rev, sheet.is_locked, sheet.marked, sheet.recused)
            for juror, sheet in self._of(at).sheets.items()
        }
