"""`hemicycle links` and `revoke`: the addresses for phones, stage, console and organiser."""

from pathlib import Path

import click

from polls.joincode import spaced
from polls.ports import Snapshot
from server import moderation
from server.auth import Keyring, Role
from server.cli.access import keyring_of, read_settings, settings_options, snapshot_of, with_store
from server.running import public_url
from server.store.valkey import ValkeyStore


def role_link(keyring: Keyring, base: str, event: str, role: Role, serials: dict[str, int]) -> str:
    """The link that gives a role its right."""
    page = {Role.ORGANISER: "organise", Role.MODERATOR: "console", Role.PRESENTER: "stage"}[role]
    return f"{base}/{page}/{event}?key={keyring.token(event, role, serials.get(role, 1))}"


def link_lines(keyring: Keyring, base: str, snapshot: Snapshot) -> list[str]:
    """An event's links as lines of text."""
    event, serials = snapshot.state.event, dict(snapshot.links)
    return [
        f"{event.title.pick()} ({event.id}), join code {spaced(event.join_code)}",
        f"  Phones     {base}/j/{event.join_code}",
        f"  Stage      {role_link(keyring, base, event.id, Role.PRESENTER, serials)}",
        f"  Console    {role_link(keyring, base, event.id, Role.MODERATOR, serials)}",
        f"  Organiser  {role_link(keyring, base, event.id, Role.ORGANISER, serials)}",
    ]


@click.command()
@click.argument("event")
@settings_options
def links(event: str, config_file: Path | None, data: Path | None) -> None:
    """Print the links of EVENT again."""
    config = read_settings(config_file, data)

    async def work(store: ValkeyStore) -> list[str]:
        return link_lines(keyring_of(config), public_url(config), await snapshot_of(store, event))

    for line in with_store(config, work):
        click.echo(line)


@click.command()
@click.argument("event")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@settings_options
def revoke(event: str, role: str, config_file: Path | None, data: Path | None) -> None:
    """Renew the link of a ROLE at EVENT: the old one stops working at once."""
    config = read_settings(config_file, data)

    async def work(store: ValkeyStore) -> str:
        snapshot = await snapshot_of(store, event)
        await moderation.revoke(store, snapshot.state.event.id, "command line", role)
        snapshot = await snapshot_of(store, event)
        return role_link(keyring_of(config), public_url(config), event, Role(role), dict(snapshot.links))

    click.echo(with_store(config, work))
