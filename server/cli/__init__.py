"""The command line: `hemicycle serve`, `load`, `dump`, `export`, `recount`, `links`, `rehearse`."""

import sys
from typing import Any, NoReturn

import click

from server.cli.events import delete, dump, events, load
from server.cli.export import export
from server.cli.links import links, revoke
from server.cli.recount import recount
from server.cli.rehearse import rehearse
from server.cli.serve import serve
from server.config import ConfigError
from server.live.event import NoSuchEvent
from server.store.checks import StoreUnfit
from server.store.embedded import StoreError
from server.workers import WorkersFailed
from voting.errors import VotingError


class Commands(click.Group):
    """Turns our own errors into one plain line and exit code 1."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except NoSuchEvent as error:
            fail(f"there is no event “{error}”; `hemicycle events` lists them")
        except (
            ConfigError,
            StoreUnfit,
            StoreError,
            VotingError,
            WorkersFailed,
        ) as error:
            fail(str(error))
        except OSError as error:
            if error.filename is None or error.strerror is None:
                fail(str(error))
            fail(f"{error.filename}: {error.strerror}")


def fail(message: str) -> NoReturn:
    """Say what is wrong on one line and end with exit code 1."""
    click.echo(f"hemicycle: {message}", err=True)
    sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hemicycle")
def main() -> None:
    """Live polls and award votes that count right."""


for command in (serve, load, dump, events, delete, export, recount, links, revoke, rehearse):
    main.add_command(command)
