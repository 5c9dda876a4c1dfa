"""The public page of an award: what everybody may see at each step, and the own ballot in the record."""

import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping

import pytest

from polls.award.life import ProposalKind
from polls.award.model import Publish
from server.award.voters import VoterDesk
from server.limits import Misses, network_of
from tests.server.booth import NAMES, SCRUTINEERS, VOTE, Booth, prize
from tests.server.test_join import House, house
from tests.server.voter import EMPTY
from voting.award.rules import rules_hash
from voting.record.receipt import show_receipt

__all__ = ["house"]


@pytest.fixture
async def booth(house: House) -> Booth:
    return await Booth.set_up(house.context, EMPTY, prize())


async def page(house: House, booth: Booth, **params: str) -> str:
    answer = await house.client.get(f"/award/{booth.path}", params=params)
    assert answer.status_code == 200
    return answer.text


async def look_up(house: House, booth: Booth, receipt: str) -> tuple[int, str]:
    answer = await house.client.post(f"/award/{booth.path}/ballot", data={"receipt": receipt})
    return answer.status_code, answer.text


def section(shown: str, heading: str) -> str:
    """The section of a page under a heading."""
    found = [part for part in shown.split("<section") if f"<h2>{heading}</h2>" in part]
    assert len(found) == 1, heading
    return found[0]


async def test_rules_hash_and_standing_are_open_to_everybody(house: House, booth: Booth) -> None:
    shown = await page(house, booth)
    assert rules_hash(booth.award, booth.event) in shown
    assert "The rules are fixed." in shown and "Each voter chooses one." in shown
    assert "Vote of the audience: open" in shown and "To the vote" in shown
    assert "This is not a legally binding election." in shown
    assert "Ergebnis" in await page(house, booth, lang="de")


async def test_nothing_is_said_to_be_under_way_before_the_vote_opens(house: House) -> None:
    booth = await Booth.set_up(house.context, EMPTY, prize(), open=False)
    waiting = await page(house, booth)
    assert "Nothing has been opened yet." in waiting and "Under way" not in waiting
    assert "Noch ist nichts eröffnet." in await page(house, booth, lang="de")
    await booth.open()
    assert "<p>Under way</p>" in await page(house, booth)


async def test_after_the_close_the_box_and_its_approvals_are_named(house: House, booth: Booth) -> None:
    await booth.cast(0, "ada")
    await booth.close()
    root = (await booth.read()).round(VOTE).box_hash
    shown = await page(house, booth)
    assert root in shown and "Approved by" not in shown and "To the vote" not in shown
    await booth.seal()
    assert "Approved by Ana, Ben" in await page(house, booth)


async def test_nothing_of_the_result_is_in_the_bytes_before_its_step(house: House, booth: Booth) -> None:
    for voter, choice in enumerate(["ada", "ada", "ada", "bram", "bram", "chiara"]):
        await booth.cast(voter, choice)
    before = section(await page(house, booth), "Candidates")
    await booth.close()
    await booth.seal()
    assert await booth.steps() == 3
    sealed = await page(house, booth)
    assert "Shown so far" not in sealed and "The result</h2>" not in sealed
    shown_of: Mapping[int, tuple[str, ...]] = {1: ("chiara",), 2: ("chiara", "bram")}
    for number, known in shown_of.items():
        await booth.step()
        shown = await page(house, booth)
        so_far = section(shown, "Shown so far")
        assert [one for one in NAMES if NAMES[one] in so_far] == [one for one in NAMES if one in known]
        assert section(shown, "Candidates") == before  # the order gives nothing away
        assert "Lindqvist wins" not in shown and "50\u00a0%" not in shown, number
        # Everything outside of what was shown is as it was before the first step.
        assert shown.replace(so_far, "").count("Lindqvist") == sealed.count("Lindqvist")
    await booth.step()
    shown = await page(house, booth)
    assert "Ada Lindqvist wins with 3 of 6 votes (50\u00a0%)." in section(shown, "The result")
    assert "Download record.zip" not in shown


async def test_the_record_is_there_once_it_is_published(house: House, booth: Booth) -> None:
    made = await booth.cast(0, "ada")
    await booth.close()
    await booth.seal()
    address = f"/award/{booth.path}/record.zip"
    assert (await house.client.get(address)).status_code == 404
    assert (await look_up(house, booth, made.receipt))[0] == 409
    await booth.publish()
    answer = await house.client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        assert json.loads(files.read("ballots.jsonl"))["receipt"] == made.receipt
        key = files.read("key.txt").decode().strip()
        assert "recount.py" in files.namelist()
    shown = await page(house, booth)
    assert "Download record.zip" in shown and key in shown
    assert "python3 recount.py ." in shown  # without the dot it would only ask for a record


async def test_a_receipt_finds_the_own_ballot_however_it_is_typed(house: House, booth: Booth) -> None:
    made = [await booth.cast(voter, choice) for voter, choice in enumerate(["ada", "bram"])]
    nothing = await booth.cast(2)
    await house.context.awards.settling.checkpoint(*booth.at, 1)
    await booth.close()
    await booth.seal()
    await booth.publish()
    for typed in (made[1].receipt, show_receipt(made[1].receipt).upper(), f" {made[1].receipt} "):
        status, shown = await look_up(house, booth, typed)
        assert status == 200 and "It says: Bram Okafor." in shown
        assert "first pinned down in a checkpoint of 3 ballots" in shown
        assert show_receipt(made[1].receipt) in shown and made[0].receipt not in shown
    assert "You abstain." in (await look_up(house, booth, nothing.receipt))[1]
    status, shown = await look_up(house, booth, "aaaabbbbcccc")
    assert status == 404 and "tell the scrutineers: a counted ballot must be here" in shown
    status, shown = await look_up(house, booth, "<b>9")
    assert status == 422 and "twelve letters and digits" in shown and "<b>9" not in shown


async def test_a_voided_ballot_is_found_with_the_reason(house: House, booth: Booth) -> None:
    made = await booth.cast(0, "ada")
    await booth.cast(1, "bram")
    await booth.close()
    acts = house.context.awards.acts
    ana, ben = SCRUTINEERS
    here = (booth.event.id, booth.award.id)
    await acts.propose(*here, ProposalKind.VOID, made.receipt, "code was stolen", ana, f"scrutineer:{ana}")
    await acts.sign(*here, (await booth.read()).proposals[0].id, ben)
    await booth.seal()
    await booth.publish()
    status, shown = await look_up(house, booth, made.receipt)
    assert status == 200 and "It was voided and does not count. The reason: code was stolen" in shown


async def test_where_only_totals_are_published_a_receipt_finds_nothing(house: House) -> None:
    booth = await Booth.set_up(house.context, EMPTY, prize(publish=Publish.TOTALS))
    made = await booth.cast(0, "ada")
    await booth.close()
    await booth.seal()
    await booth.publish()
    status, shown = await look_up(house, booth, made.receipt)
    assert status == 404 and "only the figures are published" in shown and "It says" not in shown
    shown = await page(house, booth)
    assert 'id="find"' not in shown and "only the figures are published" in shown


async def test_a_tie_is_explained_once_it_was_shown(house: House, booth: Booth) -> None:
    for voter, choice in enumerate(["ada", "bram"]):
        await booth.cast(voter, choice)
    await booth.close()
    await booth.seal()
    await booth.publish()
    shown = section(await page(house, booth), "The result")
    assert "Ada Lindqvist and Bram Okafor share the award." in shown
    assert "Ada Lindqvist and Bram Okafor were tied for first place." in shown


async def test_head_and_record_are_read_once_for_many_visitors(house: House, booth: Booth) -> None:
    await booth.cast(0, "ada")
    await booth.close()
    await booth.seal()
    await booth.publish()
    voters = VoterDesk(house.context.awards)
    run = await booth.read()
    event = dataclasses.replace(booth.event)
    first = await voters.record(event, booth.award, run)
    assert await voters.record(event, booth.award, run) == first
    assert (await voters.record(event, booth.award, run))[1] is first[1]


def test_misses_fill_up_again_with_time_and_the_oldest_are_forgotten() -> None:
    misses = Misses(burst=2, every_ms=1000, kept=2)
    assert misses.wait_ms("a", 0) == 0
    for _ in range(2):
        misses.miss("a", 0)
    assert misses.wait_ms("a", 0) == 1000
    assert misses.wait_ms("a", 400) == 600
    assert misses.wait_ms("a", 1000) == 0
    assert misses.wait_ms("b", 0) == 0
    misses.miss("b", 1000)
    misses.miss("c", 1000)  # "a" goes
    assert len(misses._buckets) == 2 and "a" not in misses._buckets


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_stands_for_its_network(host: str, network: str) -> None:
    assert network_of(host) == network
