"""One server process that the tests of commands share."""

from collections.abc import Iterator

import pytest

from tests.server.cli.served import Served


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server as `make run` starts it, on a new folder; each test brings an event of its own."""
    one = Served.start(tmp_path_factory.mktemp("served") / "data")
    yield one
    one.stop()
