"""How an act on an award is recorded: new run, audit entry and entries of the public log, in one commit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from polls.award.life import AwardRun, LogEnd
from polls.award.model import Award, AwardId, RoundId
from polls.errors import AwardRefused
from polls.model import Event, EventId
from polls.ports import EventStore, Snapshot
from server.clock import now_ms
from server.live.event import NoSuchEvent
from server.moderation import Plan, decide
from server.record.signing import RecordKey
from voting.record.log import EntryType, entry_to_json, make_entry

Said = tuple[EntryType, Mapping[str, object]]
"""An entry of the public log before it has its place: type and body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an act leads to: the award's new run, and what its public log says of it. `registers` are those
    that it names, round -> hash: with others by then, nothing is recorded."""

    run: AwardRun
    said: Sequence[Said] = ()
    body: Mapping[str, str | int] = field(default_factory=dict)
    registers: Mapping[RoundId, str] = field(default_factory=dict)


class AwardCommits:
    """Reads and commits awards of a store; `key` signs the heads of their logs."""

    def __init__(self, store: EventStore, key: RecordKey) -> None:
        self._store, self._key = store, key

    async def read(self, event: EventId, award: AwardId) -> tuple[Award, AwardRun, Event]:
        snapshot = await self._store.snapshot(event)
        if snapshot is None:
            raise NoSuchEvent(event)
        return _find(snapshot, award)

    async def commit(
        self,
        event: EventId,
        award: AwardId,
        actor: str,
        action: str,
        plan: Callable[[Award, AwardRun, int, Event], Done | None],
    ) -> bool:
        """Decide by `plan` and record; False when it found nothing to do. Raises as `decide` does."""

        def whole(snapshot: Snapshot) -> Plan | None:
            rules, run, of = _find(snapshot, award)
            now = now_ms()
            done = plan(rules, run, now, of)
            if done is None:
                return None
            lines, end = self._lines(run.log, now, done.said)
            return Plan(
                action=action,
                subject=f"award:{award}",
                body=done.body,
                awards={award: replace(done.run, log=end)},
                records={award: lines} if lines else {},
                registers={(award, round): named for round, named in done.registers.items()},
            )

        return await decide(self._store, event, actor, whole) is not None

    def _lines(self, end: LogEnd, now: int, said: Sequence[Said]) -> tuple[list[str], LogEnd]:
        lines = []
        for kind, body in said:
            entry = self._key.sign(make_entry(after=end, at_ms=now, type=kind, body=body))
            lines.append(entry_to_json(entry))
            end = LogEnd(seq=entry.seq, hash=entry.hash)
        return lines, end


def _find(snapshot: Snapshot, award: AwardId) -> tuple[Award, AwardRun, Event]:
    found = snapshot.state.event.award(award)
    if found is None:
        raise AwardRefused("gone", "change", "this event has no such award")
    return found, snapshot.state.award(award), snapshot.state.event
