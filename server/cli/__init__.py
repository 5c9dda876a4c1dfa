"""The command line: one module per command, read only when it is asked for, so that each starts fast."""

import importlib
import sys
from typing import Any, NoReturn

import click

COMMANDS = {
    "serve": "serve",
    "load": "events",
    "dump": "events",
    "events": "events",
    "delete": "events",
    "export": "export",
    "recount": "recount",
    "count": "count",
    "links": "links",
    "revoke": "links",
    "rehearse": "rehearse",
    "codes": "codes",
}
"""Every command, and the module of this package that holds it."""


class Commands(click.Group):
    """Finds commands by name, and turns our own errors into one plain line and exit code 1."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"server.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, name)
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.exceptions.ClickException:
            raise
        except OSError as error:
            if error.filename is None or error.strerror is None:
                fail(str(error))
            fail(f"{error.filename}: {error.strerror}")
        except Exception as error:
            plain = plain_words(error)
            if plain is None:
                raise
            fail(plain)


def plain_words(error: Exception) -> str | None:
    """What one of our own errors says to whoever typed the command; None for any other error."""
    # Read here and not above: a command that works needs none of these modules for it.
    from server.config import ConfigError
    from server.live.event import NoSuchEvent
    from server.store.checks import StoreUnfit
    from server.store.embedded import StoreError
    from server.workers import WorkersFailed
    from voting.errors import VotingError

    if isinstance(error, NoSuchEvent):
        return f"there is no event “{error}”; `hemicycle events` lists them"
    if isinstance(error, ConfigError | StoreUnfit | StoreError | VotingError | WorkersFailed):
        return str(error)
    return None


def fail(message: str) -> NoReturn:
    """Say what is wrong on one line and end with exit code 1."""
    click.echo(f"hemicycle: {message}", err=True)
    sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hemicycle")
def main() -> None:
    """Live polls and award votes that count right."""
