"""Awards in Valkey or Redis: the port AwardBox on the functions of award.lua and award_seal.lua."""

from collections.abc import Mapping, Sequence

from polls.model import EventId
from server import keys
from server.store import award_words
from server.store.answers import pairs
from server.store.award_words import allow, check_box
from server.store.link import Link
from server.store.rewrite import rewrite
from server.store.scripts import MAX_BATCH
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
from voting.errors import RoundRefused, StoreConflict, StoreFull


class ValkeyAwards:
    """AwardBox over a store's link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def load_register(self, at: At, lines: Sequence[RegisterLine], *, replace: bool = False) -> None:
        ordered = award_words.check_lines(lines)
        text = "".join(f"{line.credential} {line.voter_class} {line.alias or '-'}\n" for line in ordered)
        where = [*_keys(at, "state", "register", "alias")]
        where += _wide(at.event, "award-rounds", "doc", "pos", "awards")
        named = award_words.register_hash({line.credential: line.voter_class for line in ordered}, at.round)
        words = [_wake(at.event), _place(at), "replace" if replace else "", text, named]
        allow(await self._link.call("hc_award_load", where, words))

    async def register(self, at: At) -> Mapping[str, str]:
        flat = await self._link.ask("HGETALL", *_keys(at, "register"))
        return dict(sorted(pairs(flat).items()))

    async def register_lines(self, at: At) -> list[RegisterLine]:
        alias = pairs(await self._link.ask("HGETALL", *_keys(at, "alias")))
        return award_words.register_lines(await self.register(at), alias)

    async def open(self, at: At, electorate: Electorate, secret: str = "") -> None:
        where = [*_keys(at, "state", "secret", "register"), *_wide(at.event, "award-rounds", "doc", "pos")]
        allow(
            await self._link.call("hc_award_open", where, [_wake(at.event), _place(at), electorate, secret])
        )

    async def device_secret(self, at: At) -> bytes | None:
        secret = await self._link.ask("GET", *_keys(at, "secret"))
        return None if secret is None else bytes.fromhex(secret)

    async def find_code(self, at: At, hash: str) -> CodeState | None:
        found = await self._link.call("hc_award_find", _keys(at, "register", "alias", "spent"), [hash])
        return CodeState(found[0], found[1], bool(found[2])) if found else None

    async def cast(self, at: At, channel: str, votes: Sequence[Vote]) -> list[str]:
        codes = ["malformed"] * len(votes)
        sound = [place for place, vote in enumerate(votes) if award_words.can_be_boxed(vote)]
        for first in range(0, len(sound), MAX_BATCH):
            places = sound[first : first + MAX_BATCH]
            decided = await self._cast_batch(at, channel, [votes[place] for place in places])
            for place, code in zip(places, decided, strict=True):
                codes[place] = code
        return codes

    async def _cast_batch(self, at: At, channel: str, votes: Sequence[Vote]) -> list[str]:
        where = [*_keys(at, "state", "register", "alias", "spent", "box", "fresh"), *_wide(at.event, "pos")]
        lines = "".join(
            f"{v.credential or '-'} {v.voter_class} {v.receipt} {leaf_of(v.text)} {v.text}\n" for v in votes
        )
        words = [_wake(at.event), channel, lines]
        try:
            codes: str = await self._link.call("hc_award_cast", where, words)
        except StoreFull:
            # Who was counted before is told so even now; only if a new ballot is among them all must wait.
            codes = await self._link.call("hc_award_look", where, words)
            if "full" in codes.split(" "):
                raise
        return codes.split(" ")

    async def enter(
        self, at: At, channel: str, voter_class: str, texts: Mapping[str, str], before: int
    ) -> None:
        award_words.check_texts(texts)
        where = [*_keys(at, "state", "box", "fresh"), *_wide(at.event, "pos")]
        lines = "".join(f"{receipt} {leaf_of(text)} {text}\n" for receipt, text in texts.items())
        code = await self._link.call(
            "hc_award_enter", where, [_wake(at.event), channel, voter_class, before, lines]
        )
        if code == "moved":
            raise StoreConflict("other ballots of this channel have come meanwhile; number them anew")
        allow(code)

    async def turnout(self, at: At) -> Mapping[str, Turnout]:
        return read_turnout(pairs(await self._link.ask("HGETALL", *_keys(at, "state"))))

    async def has_receipt(self, at: At, receipt: str) -> bool:
        return bool(await self._link.ask("HEXISTS", *_keys(at, "box"), receipt))

    async def checkpoint(self, at: At, least: int) -> Checkpoint:
        where = [*_keys(at, "state", "fresh", "leaves"), *_wide(at.event, "pos")]
        added, leaves = await self._link.call("hc_award_checkpoint", where, [_wake(at.event), least])
        return Checkpoint(added=added, leaves=leaves)

    async def pinned(self, at: At) -> int:
        return int(await self._link.ask("LLEN", *_keys(at, "leaves")))

    async def close(self, at: At) -> Box:
        where = [*_keys(at, "state", "fresh", "leaves", "sheets"), *_wide(at.event, "pos")]
        allow(await self._link.call("hc_award_close", where, [_wake(at.event)]))
        box = await self.read_box(at)
        if not box.box_hash:  # the first close, or one that was broken off before it could name the box
            await self._link.call("hc_award_name", _keys(at, "state"), [root_of(box.leaves)])
            box = await self.read_box(at)
        check_box(box)
        return box

    async def read_box(self, at: At) -> Box:
        where = _keys(at, "state", "spent", "box", "leaves", "sheets")
        state, *rest = await self._link.call("hc_award_read", where, [])
        if not rest:
            allow("open" if state else "waiting")
        return award_words.make_box(state, *rest)

    async def seal(self, at: At, box_hash: str) -> None:
        box = await self.read_box(at)
        if box.box_hash != box_hash:
            allow("other_box")
        check_box(box)
        where = _keys(at, "state", "spent", "box", "leaves", "sheets", "fresh", "secret")
        where += _wide(at.event, "unwritten", "pos")
        code = await self._link.call("hc_award_seal", where, [_wake(at.event), box_hash])
        if code == "differs":
            check_box(await self.read_box(at))
            raise RoundRefused("other_box", "somebody else writes into the store; look at it before you seal")
        allow(code)

    async def rewrite_files(self, event: EventId) -> FilesState:
        [mark] = _wide(event, "unwritten")
        seals = await self._link.ask("GET", mark)
        if seals is None:
            return FilesState.NO_NEED
        if not await rewrite(await self._link.server_of(mark)):
            return FilesState.REFUSED
        # Last: after a stop before this line it is done once more, which does no harm. If another seal came
        # since the mark was read, the mark stays for it.
        await self._link.call("hc_drop", [mark], [seals])
        if not await self._exists(event):
            await self._link.ask("SREM", keys.EVENTS, event)
            if await self._exists(event):  # made again, or deleted again, meanwhile
                await self._link.ask("SADD", keys.EVENTS, event)
        return FilesState.REWRITTEN

    async def _exists(self, event: EventId) -> bool:
        """Whether there is such an event, or the mark that the store's files hold it."""
        return bool(await self._link.ask("EXISTS", *_wide(event, "doc", "unwritten")))

    async def freeze(self, at: At, reason: str) -> None:
        where = [*_keys(at, "state"), *_wide(at.event, "pos")]
        await self._link.call("hc_award_freeze", where, [_wake(at.event), reason])

    async def act_on_sheet(
        self, at: At, juror: str, act: SheetAct, rev: int, text: str = "", marked: int = 0, recused: int = 0
    ) -> str:
        award_words.check_sheet(juror, rev, text)
        where = [*_keys(at, "state", "sheets"), *_wide(at.event, "pos")]
        words: list[str | int] = [
            _wake(at.event),
            juror,
            act.value,
            rev,
            marked,
            recused,
            leaf_of(text),
            text,
        ]
        code: str = await self._link.call("hc_award_sheet", where, words)
        return code

    async def sheet(self, at: At, juror: str) -> Sheet | None:
        stored = await self._link.ask("HGET", *_keys(at, "sheets"), juror)
        return None if stored is None else award_words.read_sheet(stored)

    async def progress(self, at: At) -> Mapping[str, Progress]:
        flat = await self._link.call("hc_award_progress", _keys(at, "sheets"), [])
        return {juror: read_progress(words) for juror, words in pairs(flat).items()}

    async def keys_of(self, event: EventId) -> tuple[list[str], int]:
        """Every key of the rounds of an event's awards, and how many rounds these are, for its deletion."""
        places = await self._link.ask("SMEMBERS", *_wide(event, "award-rounds"))
        found: list[str] = []
        for place in places:
            award, _, round = place.partition(":")
            found += [keys.of_award(event, name, award, round) for name in keys.AWARD_THINGS]
        return found, len(places)


def read_turnout(state: Mapping[str, str]) -> dict[str, Turnout]:
    """Class -> turnout, from the fields of a round's state."""
    found: dict[str, tuple[int, dict[str, int]]] = {}
    for name in sorted(state):
        kind, _, rest = name.partition(":")
        if kind == "lines":
            found[rest] = (int(state[name]), found.get(rest, (0, {}))[1])
        elif kind == "cast":
            channel, _, voter_class = rest.partition(":")
            lines, cast = found.setdefault(voter_class, (0, {}))
            cast[channel] = int(state[name])
    return {voter_class: Turnout(lines, cast) for voter_class, (lines, cast) in sorted(found.items())}


def read_progress(words: str) -> Progress:
    """A juror's progress from 'rev locked marked recused'."""
    rev, locked, marked, recused = map(int, words.split(" "))
    return Progress(rev, bool(locked), marked, recused)


def _keys(at: At, *names: str) -> list[str]:
    return [keys.of_award(at.event, name, at.award, at.round) for name in names]


def _wide(event: EventId, *names: str) -> list[str]:
    return [keys.of_event(event, name) for name in names]


def _place(at: At) -> str:
    return f"{at.award}:{at.round}"


def _wake(event: EventId) -> str:
    return keys.of_event(event, "wake")
