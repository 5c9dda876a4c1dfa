"""`python -m server.worker`: one of several server processes; only server/workers.py starts it."""

import os
import pickle
import signal
import socket
import sys

from server.app import build_context
from server.auth import Keyring
from server.serving import make_server, set_up_logging
from server.store.valkey import ValkeyStore
from server.workers import Job


def main() -> None:
    """Take the job from standard input and serve until told to stop."""
    job: Job = pickle.load(sys.stdin.buffer)  # written by our own parent
    config = job.config
    set_up_logging(config, job.number)
    context = build_context(
        config,
        ValkeyStore(job.store_url, pool=config.store.pool),
        Keyring.load(config.store.data / "key"),
        config.store.data,
        job.public_url,
        number=job.number,
    )

    async def started() -> None:
        os.write(job.ready, b"+")
        os.close(job.ready)

    with socket.socket(fileno=job.listener) as listener:
        server = make_server(context, None, started)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, server.handle_exit)
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
