"""What every ballot of one round needs, looked up once per reading of the event and not once a ballot."""

from dataclasses import dataclass

from polls.model import Poll
from voting.voterkey import VoterKeys


def received_key(poll: str, round: int) -> str:
    """The word under which a server process says from how many devices ballots of a round reached it."""
    return f"received:{poll}:{round}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRound:
    """One round of one poll, as the newest reading has it.

    `received` is its `received_key`, empty while the round is not open. `keys` makes its voter keys;
    None while the round's secret is not known here.
    """

    poll: Poll
    received: str
    keys: VoterKeys | None
    timezone: str
