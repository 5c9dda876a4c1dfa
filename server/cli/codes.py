"""`hemicycle codes`: make the voting codes of an award, and write them out to be handed to people."""

import os
from pathlib import Path

import click

from polls.award.model import Award, Electorate, VoteRound
from polls.model import EventId
from server import moderation
from server.award.codes import VoterCode, mail_merge, make_codes, register_lines, sheets
from server.award.roll import Person, RollError, read_roll
from server.cli.access import keyring_of, read_settings, settings_options, snapshot_of, with_store
from server.running import is_own_only, public_url
from server.store.valkey import ValkeyStore
from voting.award.ports import At


@click.command()
@click.argument("event")
@click.argument("award")
@click.option(
    "--roll",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSV or XLSX; its columns are name, email, class, weight, as far as they are needed.",
)
@click.option(
    "--count", "counts", type=click.IntRange(1, 100_000), multiple=True, help="So many codes without names."
)
@click.option("--class", "classes", multiple=True, help="The class of each --count, in the same order.")
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help="Sheets to print and cut up.")
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="File for a mail merge."
)
@click.option("--lang", default="en", show_default=True, help="Language of the sheets.")
@click.option("--replace", is_flag=True, help="Make all codes void that were made before.")
@settings_options
def codes(
    event: str,
    award: str,
    roll: Path | None,
    counts: tuple[int, ...],
    classes: tuple[str, ...],
    pdf: Path | None,
    csv_file: Path | None,
    lang: str,
    replace: bool,
    config_file: Path | None,
    data: Path | None,
) -> None:
    """Make the voting codes of AWARD at EVENT, all at once, between the freeze of its rules and the opening.

    The codes are written to the files alone: the store keeps hashes, so they cannot be printed again.
    """
    if (roll is None) == (not counts):
        raise click.UsageError("say who votes: either --roll FILE, or --count N (with --class C)")
    if pdf is None and csv_file is None:
        raise click.UsageError("the codes can be written out only now: name a file with --pdf or --csv")
    for target in (pdf, csv_file):
        if target is not None and target.exists():
            raise click.UsageError(f"{target} is there already; it may hold codes, so choose another name")
    config = read_settings(config_file, data)
    key = keyring_of(config).codes_key()

    async def work(store: ValkeyStore) -> list[VoterCode]:
        snapshot = await snapshot_of(store, event)
        found = snapshot.state.event.award(award)
        vote = vote_by_codes(found, award)
        assert found is not None
        if not snapshot.state.award(found.id).rules_hash:
            raise click.ClickException(
                "freeze the rules first, on the organiser's page of the award: codes belong to their classes"
            )
        people = people_of(vote, roll, counts, classes)
        made = make_codes(people)
        # Written before they count: codes that are in force but on no paper would shut everybody out.
        texts = {"award": found.title.pick(lang), "event": snapshot.state.event.title.pick(lang)}
        if pdf is not None:
            url = public_url(config)
            _write(pdf, sheets(made, **texts, public_url=url, lang=lang, classes=vote.classes))
        if csv_file is not None:
            _write(csv_file, mail_merge(made, public_url(config)))
        try:
            at = At(EventId(event), found.id, vote.id)
            await store.awards.load_register(at, register_lines(made, found.id, key), replace=replace)
        except BaseException:
            for target in (pdf, csv_file):
                if target is not None:
                    target.unlink(missing_ok=True)  # codes that are no codes help nobody
            raise
        body: dict[str, str | int] = {"round": vote.id, "lines": len(made)}
        await moderation.note(store, at.event, "command line", "codes", f"award:{found.id}", body)
        return made

    try:
        made = with_store(config, work)
    except RollError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{len(made)} codes were made. Whoever holds the files can vote: keep them as you keep money.")
    address = public_url(config)
    click.echo(f"They lead to {address}/v.")
    if is_own_only(address):
        click.echo(
            "No other device can open this address. Set server.public_url, or serve with --host 0.0.0.0, and "
            "make them anew with --replace before you print.",
            err=True,
        )


def vote_by_codes(award: Award | None, name: str) -> VoteRound:
    """The award's vote. Raises ClickException when there is none that goes by codes."""
    if award is None:
        raise click.ClickException(f"the event has no award “{name}”")
    if award.vote is None or award.vote.electorate is not Electorate.CODES:
        raise click.ClickException(f"the award “{name}” has no vote by codes")
    return award.vote


def people_of(
    vote: VoteRound, roll: Path | None, counts: tuple[int, ...], classes: tuple[str, ...]
) -> list[Person]:
    """Who gets a code: the people of the roll, or so many without a name of each class."""
    if roll is not None:
        return read_roll(roll, vote.classes)
    if not classes and len(vote.classes) == 1:
        classes = (vote.classes[0].id,) * len(counts)
    known = [one.id for one in vote.classes]
    if len(classes) != len(counts) or not set(classes) <= set(known):
        raise click.UsageError(f"say --class for each --count; the rules have {', '.join(known)}")
    return [
        Person(voter_class=name) for name, count in zip(classes, counts, strict=True) for _ in range(count)
    ]


def _write(path: Path, content: bytes) -> None:
    """A file that nobody else may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
