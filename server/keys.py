"""Every key of the store is named here and nowhere else; docs/keyspace.md is generated from KEYS.

All keys of one event share the hash tag {event}, so that one function may touch them on a cluster.
Keys hold no TTL: nothing an open poll needs may vanish by a clock.
"""

from dataclasses import dataclass

PREFIX = "hc:1"


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One kind of key: pattern, store type, what it holds, and whether that is personal data."""

    pattern: str
    type: str
    holds: str
    personal: bool = False


KEYS: tuple[KeySpec, ...] = (
    KeySpec("hc:1:events", "set", "ids of every event"),
    KeySpec("hc:1:code:<join code>", "string", "the event a join code belongs to"),
    KeySpec(
        "hc:1:{<event>}:epoch",
        "hash",
        "run: own id of the store process that holds the event, epoch: our id of this incarnation",
    ),
    KeySpec("hc:1:{<event>}:doc", "hash", "rev: revision of the definition, json: the event's definition"),
    KeySpec("hc:1:{<event>}:pos", "string", "offset: rises by one with every change"),
    KeySpec("hc:1:{<event>}:runs", "hash", "poll -> JSON of polls.lifecycle.PollRun"),
    KeySpec("hc:1:{<event>}:desks", "hash", "room ('' is the plenary) -> JSON of polls.desk.Desk"),
    KeySpec("hc:1:{<event>}:awards", "hash", "award -> JSON of polls.award.life.AwardRun"),
    KeySpec("hc:1:{<event>}:award-log", "list", "'award JSON': entries of awards' public logs, in order"),
    KeySpec("hc:1:{<event>}:links", "hash", "role -> serial of its link; raising it revokes the link"),
    KeySpec("hc:1:{<event>}:audit", "stream", "e: JSON of one hash-chained audit entry"),
    KeySpec("hc:1:{<event>}:head", "string", "hash of the last audit entry"),
    KeySpec(
        "hc:1:{<event>}:workers",
        "hash",
        "server process -> JSON {phones, phones:room:segment, stages, received:poll:round, ms}",
    ),
    KeySpec("hc:1:{<event>}:painted", "hash", "stage -> JSON {room, poll, offset, ms}: what it shows"),
    KeySpec(
        "hc:1:{<event>}:key:<poll>:<round>", "string", "hex secret under which voter keys are made", True
    ),
    KeySpec(
        "hc:1:{<event>}:box:<poll>:<round>",
        "hash",
        "voter key -> 'rev nonce counted_ms segment|canonical'; once sealed: hash of a nonce -> '-'",
        True,
    ),
    KeySpec("hc:1:{<event>}:tally:<poll>:<round>", "hash", "'contest|segment|canonical ballot' -> count"),
    KeySpec(
        "hc:1:{<event>}:log:<poll>:<round>",
        "stream",
        "one line per batch: = -> 'tally key by ...', what it changes in the tally; then voter key -> "
        "'rev nonce counted_ms segment|canonical'; at last: close -> time",
        True,
    ),
    KeySpec(
        "hc:1:{<event>}:unwritten",
        "string",
        "seals, resets and deletions since the store's files were last written anew",
    ),
    KeySpec("hc:1:{<event>}:award-rounds", "set", "'award:round' of every round that has keys"),
    KeySpec(
        "hc:1:{<event>}:award-state:<award>:<round>",
        "hash",
        "state, register (its hash), electorate, frozen, box_hash; lines:class, cast:channel:class, "
        "entered:channel:class",
    ),
    KeySpec("hc:1:{<event>}:award-register:<award>:<round>", "hash", "hash of a code's token -> class", True),
    KeySpec(
        "hc:1:{<event>}:award-alias:<award>:<round>",
        "hash",
        "hash of a typed code -> hash of its token",
        True,
    ),
    KeySpec(
        "hc:1:{<event>}:award-spent:<award>:<round>",
        "set",
        "hashes of used codes; until the seal also voter keys of devices",
        True,
    ),
    KeySpec(
        "hc:1:{<event>}:award-box:<award>:<round>",
        "hash",
        "receipt -> 'leaf ballot', the ballot as canonical JSON; neither voter nor time",
        True,
    ),
    KeySpec(
        "hc:1:{<event>}:award-fresh:<award>:<round>", "set", "leaves that no checkpoint has recorded yet"
    ),
    KeySpec(
        "hc:1:{<event>}:award-leaves:<award>:<round>",
        "list",
        "leaves in record order, sorted in each checkpoint",
    ),
    KeySpec(
        "hc:1:{<event>}:award-sheets:<award>:<round>",
        "hash",
        "juror -> 'rev locked marked recused leaf sheet'; drafts are destroyed at the seal",
        True,
    ),
    KeySpec(
        "hc:1:{<event>}:award-secret:<award>:<round>",
        "string",
        "hex secret under which devices' voter keys are made; destroyed at the seal",
        True,
    ),
    KeySpec(
        "hc:1:{<event>}:wake",
        "pub/sub channel",
        "something of this event changed; says at most that it was decided; a shard channel on a cluster",
    ),
)

EVENTS = f"{PREFIX}:events"


def code(join_code: str) -> str:
    return f"{PREFIX}:code:{join_code}"


def of_event(event: str, name: str) -> str:
    """The key of one event-wide thing: doc, epoch, pos, runs, desks, awards, links, audit, head, workers,
    painted, wake."""
    return f"{PREFIX}:{{{event}}}:{name}"


def of_round(event: str, name: str, poll: str, round: int) -> str:
    """The key of one round's thing: key, box, tally or log."""
    return f"{PREFIX}:{{{event}}}:{name}:{poll}:{round}"


def of_award(event: str, name: str, award: str, round: str) -> str:
    """The key of one award round's thing, one of AWARD_THINGS."""
    return f"{PREFIX}:{{{event}}}:award-{name}:{award}:{round}"


AWARD_THINGS = ("state", "register", "alias", "spent", "box", "fresh", "leaves", "sheets", "secret")
"""All names of `of_award`."""
