"""Events and ballot boxes in Valkey or Redis (server/keys.py names what stands where).

Every change is one function call and so happens whole or not at all (functions/*.lua). Only join
codes and the list of events lie outside an event's own keys, where on a cluster no function could
reach both; their order is: claim the code, list the event, commit, give the old code back. A stop
in between leaves at most a code that stays reserved for this event, and an id in the list that
`event_ids` skips. A deleted event stays in the list until the store's files have forgotten it.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from polls.award.model import AwardId
from polls.desk import EventState
from polls.lifecycle import freeze
from polls.model import Event, EventId, PollId, RoomId
from polls.ports import UNFOLLOWED, AuditEntry, Change, Snapshot
from server import keys
from server.store import award_words, checks, codec
from server.store.answers import box_entry, changes_of, pairs, round_reading, tally_of
from server.store.change import WHY, commit_words
from server.store.cluster import ClusterLink, is_cluster
from server.store.link import Link, store_errors
from server.store.scripts import MAX_BATCH
from server.store.valkey_award import ValkeyAwards
from voting.audit import entry_from_json
from voting.ballot import BoxEntry, CastBallot, CastOutcome, box_entry_of, outcome_of
from voting.errors import StoreConflict, StoreFull, StoreUnavailable
from voting.ports import RoundReading
from voting.sealing import nonce_hash

SNAPSHOT = (
    *("epoch", "audit", "pos", "head", "doc"),
    *("runs", "desks", "links", "workers", "painted", "awards"),
)
"""What hc_snapshot reads, in the order that it wants."""
EVENT_WIDE = ("head", "award-rounds", "unwritten", *(n for n in SNAPSHOT if n != "head"), "award-log")
"""All that is not of one round; hc_delete wants these three first."""
OF_ROUND = ("key", "box", "tally", "log")
TRIES = 5
"""How often something is read again because it changed meanwhile."""


class ValkeyStore:
    """EventStore and BallotBox on Valkey ≥ 8 or Redis ≥ 7.

    url: unix:///path, redis:// or rediss://, or the address of one node of a cluster with +cluster after
    the scheme. pool: the most connections of this process (on a cluster: to each primary). timeout_s: the
    longest one command may take, in seconds; after it StoreUnavailable is raised.
    """

    def __init__(self, url: str, pool: int = 16, timeout_s: float = 5.0) -> None:
        self._link = (ClusterLink if is_cluster(url) else Link)(url, pool, timeout_s)
        self._events: dict[str, tuple[str, Event]] = {}
        self.awards = ValkeyAwards(self._link)

    def tell_of_calls(self, on_call: Callable[[str, float], None]) -> None:
        """Have `on_call` told the name of each function called, and how long that took, in seconds."""
        self._link.on_call = on_call

    async def connect(self) -> None:
        """Check the store and load our functions. Raises checks.StoreUnfit and StoreUnavailable."""
        with store_errors():
            for server in await self._link.servers():
                await checks.check_fitness(server)
            await self._link.load()

    async def close(self) -> None:
        await self._link.close()

    async def durability(self) -> checks.Durability:
        """What people are told about power failures, as the store itself is set."""
        try:
            with store_errors():
                servers = await self._link.servers()
        except StoreUnavailable:
            return checks.Durability.UNVERIFIED
        return min([await checks.durability(server) for server in servers], key=checks.WORST_FIRST.index)

    # --- events ----------------------------------------------------------------------------------

    async def event_ids(self) -> list[EventId]:
        return [event for event, exists, _ in await self._listed() if exists]

    async def unwritten_ids(self) -> list[EventId]:
        return [event for event, exists, is_unwritten in await self._listed() if is_unwritten and not exists]

    async def _listed(self) -> list[tuple[EventId, bool, bool]]:
        """The list of events, sorted: id, whether it has a definition, whether the mark `unwritten`."""
        listed = sorted(await self._link.ask("SMEMBERS", keys.EVENTS))
        names = ("doc", "unwritten")
        exist = await self._link.together(
            [("EXISTS", keys.of_event(event, name)) for event in listed for name in names]
        )
        return [
            (EventId(event), bool(exist[2 * place]), bool(exist[2 * place + 1]))
            for place, event in enumerate(listed)
        ]

    async def find_by_code(self, join_code: str) -> EventId | None:
        event = await self._link.ask("GET", keys.code(join_code))
        if event is None or not await self._link.ask("EXISTS", keys.of_event(event, "doc")):
            return None
        return EventId(event)

    async def snapshot(
        self,
        event: EventId,
        rounds: Sequence[tuple[PollId, int]] = (),
        since: Mapping[tuple[PollId, int], str] = UNFOLLOWED,
    ) -> Snapshot | None:
        read = [keys.of_event(event, name) for name in SNAPSHOT]
        words = []
        asked = list(dict.fromkeys((*rounds, *since)))
        for poll, round in asked:
            read += [keys.of_round(event, name, poll, round) for name in ("tally", "box", "log")]
            words += [since.get((poll, round), ""), "1" if (poll, round) in rounds else ""]
        # The epoch is compared with the process that answers, at the same moment as the rest is read: a
        # store that was restarted (and may have lost something) can never speak under its old epoch.
        for _ in range(TRIES):
            reading = await self._link.call("hc_snapshot", read, words)
            run_id, (owner, epoch), seq, (offset, head), (rev, doc), *rest = reading
            if doc is None:
                return None
            if owner == run_id and epoch:
                break
            where = [keys.of_event(event, name) for name in ("epoch", "doc")]
            await self._link.call("hc_epoch", where, [run_id, secrets.token_hex(16)])
        else:
            raise StoreUnavailable("the store is being restarted again and again")
        runs, desks, links, workers, painted, awards = map(pairs, rest[:6])
        counts = dict(zip(asked, rest[6:], strict=True))
        return Snapshot(
            epoch=epoch,
            offset=int(offset),
            head=head,
            seq=seq,
            doc_rev=int(rev),
            state=EventState(
                event=self._event(event, doc),
                runs={PollId(poll): codec.decode_run(text) for poll, text in runs.items()},
                desks={RoomId(room): codec.decode_desk(text) for room, text in desks.items()},
                awards={AwardId(award): codec.decode_award(text) for award, text in awards.items()},
            ),
            links={role: int(serial) for role, serial in links.items()},
            boxes={at: size for at, (size, _, _, _) in counts.items()},
            lines={at: line for at, (_, line, _, _) in counts.items()},
            changes={at: changes_of(texts) for at, (_, _, texts, _) in counts.items() if texts != 0},
            tallies={at: tally_of(pairs(tally)) for at, (_, _, _, tally) in counts.items() if tally != 0},
            workers={worker: codec.decode_numbers(text) for worker, text in workers.items()},
            painted={stage: codec.decode_words(text) for stage, text in painted.items()},
        )

    async def commit(self, event: EventId, change: Change) -> int:
        old_code = new_code = ""
        if change.event is not None:
            if change.event.id != event:
                raise ValueError(f"the definition of {change.event.id} is not that of {event}")
            new_code, old_code = change.event.join_code, await self._join_code(event)
            await self._claim(new_code, event)
            await self._link.ask("SADD", keys.EVENTS, event)
        code, offset = await self._link.call("hc_commit", *commit_words(event, change))
        if code != "ok":
            if new_code:
                await self._give_back(new_code, event)
            if code == "replaced":
                award_words.allow(code)
            raise StoreConflict(WHY[code])
        if new_code and new_code != old_code:
            # Again, in case somebody whose own change failed has just given it back.
            await self._claim(new_code, event)
            if old_code:
                await self._give_back(old_code, event)
        return int(offset)

    async def audit(self, event: EventId) -> list[AuditEntry]:
        lines = await self._link.ask("XRANGE", keys.of_event(event, "audit"), "-", "+")
        return [entry_from_json(fields["e"]) for _, fields in lines]

    async def record(self, event: EventId, award: AwardId) -> list[str]:
        lines = await self._link.ask("LRANGE", keys.of_event(event, "award-log"), 0, -1)
        return [line.removeprefix(f"{award} ") for line in lines if line.startswith(f"{award} ")]

    async def round_key(self, event: EventId, poll: PollId, round: int) -> bytes | None:
        secret = await self._link.ask("GET", keys.of_round(event, "key", poll, round))
        return None if secret is None else bytes.fromhex(secret)

    async def report_worker(self, event: EventId, worker: str, words: Mapping[str, int]) -> None:
        await self._report(event, "workers", worker, words)

    async def report_painted(self, event: EventId, stage: str, words: Mapping[str, int | str]) -> None:
        await self._report(event, "painted", stage, words)

    async def _report(self, event: EventId, name: str, who: str, words: Mapping[str, int | str]) -> None:
        where = [keys.of_event(event, name), keys.of_event(event, "doc")]
        await self._link.call("hc_report", where, [who, codec.encode_words(words)])

    async def delete_event(self, event: EventId) -> None:
        for _ in range(TRIES):
            head = await self._link.ask("GET", keys.of_event(event, "head"))
            join_code = await self._join_code(event)
            runs = await self._link.ask("HGETALL", keys.of_event(event, "runs"))
            doomed = [keys.of_event(event, name) for name in EVENT_WIDE]
            of_awards, rounds_of_awards = await self.awards.keys_of(event)
            doomed += of_awards
            for poll, text in runs.items():
                for round in range(1, codec.decode_run(text).round + 1):
                    doomed += [keys.of_round(event, name, poll, round) for name in OF_ROUND]
            words = [head or "", keys.of_event(event, "wake"), rounds_of_awards]
            if await self._link.call("hc_delete", doomed, words):
                break
        else:
            raise StoreConflict("the event is in use; try again")
        # It stays in the list of events until the store's files are written anew.
        if join_code:
            await self._give_back(join_code, event)
        self._events.pop(event, None)

    # --- ballots -----------------------------------------------------------------------------------

    async def cast(
        self, event: EventId, poll: PollId, round: int, ballots: Sequence[CastBallot]
    ) -> list[CastOutcome]:
        if 0 < len(ballots) <= MAX_BATCH and codec.can_all_be_stored(ballots):
            return await self._cast_batch(event, poll, round, ballots)
        outcomes = [CastOutcome(code="malformed")] * len(ballots)
        sound = [place for place, ballot in enumerate(ballots) if codec.can_be_stored(ballot)]
        for first in range(0, len(sound), MAX_BATCH):
            places = sound[first : first + MAX_BATCH]
            decided = await self._cast_batch(event, poll, round, [ballots[place] for place in places])
            for place, outcome in zip(places, decided, strict=True):
                outcomes[place] = outcome
        return outcomes

    async def _cast_batch(
        self, event: EventId, poll: PollId, round: int, ballots: Sequence[CastBallot]
    ) -> list[CastOutcome]:
        box = [keys.of_event(event, "runs")]
        box += [keys.of_round(event, name, poll, round) for name in ("box", "tally", "log")]
        box.append(keys.of_event(event, "pos"))
        lines = "".join(["%s %d %s %s|%s\n" % ballot for ballot in ballots])  # noqa: UP031 (half as dear)
        words: list[str | int] = [poll, round, keys.of_event(event, "wake"), lines]
        try:
            now, codes, kept = await self._link.call("hc_cast", box, words)
        except StoreFull:
            # Who was counted before is told so even now; only if a new ballot is among them all must wait.
            now, codes, kept = await self._link.call("hc_look", box, words)
            if "full" in codes.split(" "):
                raise
        in_the_box = iter(kept)
        now_ms = int(now)
        return [
            outcome_of(
                (
                    code,
                    box_entry_of((rev, nonce, segment, canonical, now_ms))
                    if code == "ok"
                    else box_entry(next(in_the_box)),
                )
            )
            for (_, rev, nonce, segment, canonical), code in zip(ballots, codes.split(" "), strict=True)
        ]

    async def own(self, event: EventId, wanted: Sequence[tuple[PollId, int, str]]) -> list[BoxEntry | None]:
        if not wanted:
            return []
        asked: dict[tuple[PollId, int], dict[str, None]] = {}
        for poll, round, voter in wanted:
            asked.setdefault((poll, round), {})[voter] = None
        replies = await self._link.together(
            [("HMGET", keys.of_round(event, "box", *one), *voters) for one, voters in asked.items()]
        )
        found = {
            one: dict(zip(voters, texts, strict=True))
            for (one, voters), texts in zip(asked.items(), replies, strict=True)
        }
        return [box_entry(found[poll, round][voter]) for poll, round, voter in wanted]

    async def read_round(self, event: EventId, poll: PollId, round: int, after: str = "") -> RoundReading:
        read = [keys.of_round(event, name, poll, round) for name in ("log", "box", "tally")]
        answer = await self._link.call("hc_read_round", read, [f"({after}" if after else "-"])
        return await round_reading(answer, after)

    async def was_counted(self, event: EventId, poll: PollId, round: int, nonce: str) -> bool:
        box = keys.of_round(event, "box", poll, round)
        return bool(await self._link.ask("HGET", box, nonce_hash(nonce)) == codec.SEALED)

    async def freeze(self, event: EventId, poll: PollId, round: int, reason: str) -> None:
        runs = keys.of_event(event, "runs")
        for _ in range(TRIES):
            text = await self._link.ask("HGET", runs, poll)
            run = None if text is None else codec.decode_run(text)
            if run is None or run.round != round or run.frozen:
                return
            words = [poll, text, codec.encode_run(freeze(run, reason)), keys.of_event(event, "wake")]
            if await self._link.call("hc_swap_run", [runs, keys.of_event(event, "pos")], words):
                return
        raise StoreConflict("the poll changes faster than it can be frozen; try again")

    def wakes(self, event: EventId) -> AsyncIterator[bool]:
        return self._link.wakes(keys.of_event(event, "wake"))

    # --- inside ------------------------------------------------------------------------------------

    async def _claim(self, join_code: str, event: EventId) -> None:
        if not await self._link.ask("SET", keys.code(join_code), event, "NX"):
            owner = await self._link.ask("GET", keys.code(join_code))
            if owner != event:
                raise StoreConflict(f"the join code {join_code} belongs to another event")

    async def _give_back(self, join_code: str, event: EventId) -> None:
        """Free a join code unless the event has it: whoever gives it the code in between claims it before
        that or after, or finds it claimed here."""
        if join_code == await self._join_code(event):
            return
        await self._link.call("hc_drop", [keys.code(join_code)], [event])
        if join_code == await self._join_code(event):
            await self._claim(join_code, event)

    async def _join_code(self, event: EventId) -> str:
        """The join code in the event's stored definition; empty when there is no such event."""
        doc = await self._link.ask("HGET", keys.of_event(event, "doc"), "json")
        return "" if doc is None else self._event(event, doc).join_code

    def _event(self, event: EventId, doc: str) -> Event:
        known = self._events.get(event)
        if known is None or known[0] != doc:
            known = self._events[event] = (doc, codec.decode_event(doc))
        return known[1]
