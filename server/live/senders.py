"""From whom ballots have come to this process: people are counted, not their retries and changes."""

from collections import Counter

from polls.desk import EventState
from polls.lifecycle import PollState
from server.live.rounds import received_key


class Senders:
    """Counts devices whose ballots came in while voting was open, and forgets them when it has closed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """Devices by `received_key`."""
        self._devices: dict[str, set[str]] = {}

    def note(self, key: str, device: str) -> None:
        """A device's ballot has come in, whatever becomes of it."""
        devices = self._devices.setdefault(key, set())
        if device not in devices:
            devices.add(device)
            self.counts[key] += 1

    def forget(self, state: EventState) -> None:
        """Keep the number of those who sent a ballot, but not who they were, where voting is not open."""
        runs = state.runs.items()
        still = {received_key(poll_id, run.round) for poll_id, run in runs if run.state is PollState.OPEN}
        for key in self._devices.keys() - still:
            del self._devices[key]

    def clear(self) -> None:
        """Another event goes by this id now."""
        self.counts.clear()
        self._devices.clear()
