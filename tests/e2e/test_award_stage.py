"""An award in a real browser: console, stage, clicker and phones from the opening to the published record."""

import dataclasses
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from polls.award.model import Blend, Decision
from polls.model import Text
from tests.conftest import Running
from tests.e2e.conftest import People, axe, finds_nothing, press_key
from tests.e2e.test_stage import OVERLAPS, SMALL_TEXT
from tests.polls.award_sample import AWARD, FINAL, JURY, candidate
from tests.server.award.screens import NAMES, VOTES, prize_on_stage

SENTENCE = f"{NAMES['a']} wins with 4 of 7 votes (57 %)"


SPILLS = """() => {
  const shown = document.querySelector('.award-now').getBoundingClientRect();
  const foot = document.querySelector('.stage-foot').getBoundingClientRect();
  const top = document.querySelector('.stage-top').getBoundingClientRect();
  const board = document.querySelector('.award-board')?.getBoundingClientRect();
  const said = document.querySelector('.award-said').getBoundingClientRect();
  const found = [];
  if (shown.bottom > foot.top + 1) found.push(`the foot, by ${shown.bottom - foot.top}`);
  if (shown.top < top.bottom - 1) found.push(`the top, by ${top.bottom - shown.top}`);
  if (board && said.right > board.left && said.bottom > board.top) found.push('the board');
  return found;
}"""
"""What the winner and the sentences below run into."""

MORE_SENTENCES = """lines => {
  const said = document.querySelector('.award-now').querySelector('.award-said')
    ?? document.querySelector('.award-now').appendChild(document.createElement('ol'));
  said.className = 'award-said';
  said.replaceChildren(...lines.map(line =>
    Object.assign(document.createElement('li'), {textContent: line})));
}"""


async def press(console: Page, words: str, *, asks: bool) -> None:
    """The space bar on the big button; once more where it asks first."""
    await expect(console.locator("#main-action:not([data-fresh])")).to_have_text(words)
    await console.keyboard.press(" ")
    if asks:
        await expect(console.locator("#confirm-main-action .danger")).to_be_focused()
        await console.keyboard.press(" ")


async def test_an_award_from_the_open_vote_to_the_record(
    people: People, running: Running, tmp_path: Path
) -> None:
    async with prize_on_stage(running, tmp_path) as held:
        await held.hold_jury()
        live = await running.context.event(held.event)
        stage, console = await people.stage(held.event), await people.console(held.event)
        phones = [await people.phone(live.state.event.join_code) for _ in range(2)]
        await expect(stage.locator(".award-person")).to_have_text([NAMES["a"], NAMES["b"]])
        await finds_nothing(stage, SMALL_TEXT, OVERLAPS)

        await press(console, "Open the vote", asks=True)
        await expect(stage.locator("#phase")).to_have_text("The vote is open")
        for phone in phones:
            await expect(phone.locator("#paper .award-link a")).to_have_attribute(
                "href", f"/vote/{held.event}/{AWARD}"
            )
        for voter, choice in enumerate(VOTES):
            await held.vote(voter, choice)
        await expect(stage.locator("#turnout-text")).to_have_text("7 of 8 codes used")
        await expect(console.locator("[data-award-count=voters]")).to_have_text("7")
        await finds_nothing(stage, SMALL_TEXT, OVERLAPS)
        assert await axe(stage) == []
        for scheme in ("light", "dark"):
            await console.emulate_media(color_scheme=scheme)
            assert await axe(console) == []

        await press(console, "Close the vote", asks=True)
        await expect(console.locator(".main-done")).to_have_text(
            "Waiting for the scrutineers: 0 of 2 have approved."
        )
        await expect(stage.locator(".award-approvers li")).to_have_count(2)
        await held.approve(FINAL)
        await expect(stage.locator(".award-large")).to_have_text("The result is sealed")

        await press_key(stage, "PageDown")
        await expect(stage.locator(".award-name")).to_have_text(NAMES["b"])
        assert NAMES["a"] not in await stage.locator("#stage").inner_html()
        await press_key(stage, "PageUp")
        await expect(stage.locator(".award-large")).to_have_text("The result is sealed")
        assert NAMES["b"] not in await stage.locator("body").inner_text()
        await press(console, "Reveal the next step", asks=False)
        await expect(stage.locator(".award-name")).to_have_text(NAMES["b"])
        await finds_nothing(stage, SMALL_TEXT, OVERLAPS)

        await press_key(stage, "PageDown")
        await expect(stage.locator(".award-name")).to_have_text(NAMES["a"])
        await expect(stage.locator(".award-dots circle.lit").first).to_be_visible()
        for phone in phones:
            await expect(phone.locator("#results .sentence")).to_have_text(SENTENCE)
        await finds_nothing(stage, SMALL_TEXT, OVERLAPS)
        assert await axe(stage) == []
        assert await axe(phones[0]) == []

        await press_key(stage, "PageDown")
        await expect(stage.locator("#line")).to_have_text("Press again to do it: Publish the record")
        await press_key(stage, "PageDown")
        await expect(stage.locator(".award-record")).to_contain_text(f"/award/{held.event}/{AWARD}")
        await finds_nothing(stage, SMALL_TEXT, OVERLAPS)

        await stage.reload()
        await expect(stage.locator(".award-final .award-sentence")).to_have_text(SENTENCE)


async def test_the_stage_shows_the_winner_without_a_script(
    people: People, running: Running, tmp_path: Path
) -> None:
    async with prize_on_stage(running, tmp_path) as held:
        await held.hold_jury()
        await held.hold_vote(*VOTES)
        for seen in range(2):
            await running.context.awards.acts.step(held.event, AWARD, "test", seen=seen)
        stage = await people.stage(held.event, java_script_enabled=False)
        await expect(stage.locator(".award-sentence")).to_have_text(SENTENCE)
        phone = await people.phone((await running.context.event(held.event)).state.event.join_code)
        await expect(phone.locator("#results .sentence")).to_have_text(SENTENCE)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768)])
async def test_a_long_story_of_the_tie_stays_above_the_foot_of_the_stage(
    people: People, running: Running, tmp_path: Path, width: int, height: int
) -> None:
    """A tie, a run-off, the chair and a withdrawal: the fourth sentence stood on the line of the foot."""
    story = [
        f"{NAMES['a']} and {NAMES['b']} were tied for first place.",
        "The vote of the audience did not decide.",
        "The run-off did not decide.",
        f"{NAMES['a']} is first by the casting vote of the chair.",
        "One candidate has withdrawn. 12 ballots named this candidate.",
        "Another candidate has withdrawn. 3 ballots named this candidate.",
        "With so few sheets nothing was dropped: the mean of all counts.",
        "One more has withdrawn. 1 ballot named this candidate.",
    ]
    sent = Text.plain("Network for Regional Energy")
    entrants = tuple(dataclasses.replace(candidate(c, name), entrant=sent) for c, name in NAMES.items())
    shares = Decision(blend=Blend.SHARES, jury_round=JURY, ladder=("shared",))
    async with prize_on_stage(running, tmp_path, candidates=entrants, decision=shares) as held:
        await held.hold_jury()
        await held.hold_vote(*VOTES)
        for seen in range(4):
            await running.context.awards.acts.step(held.event, AWARD, "test", seen=seen)
        stage = await people.stage(held.event, reduced_motion="reduce")
        await stage.set_viewport_size({"width": width, "height": height})
        await expect(stage.locator(".award-sentence")).to_contain_text("from the jury")
        for said in (1, 2, 4, 6, 8):
            await stage.evaluate(MORE_SENTENCES, story[:said])
            assert await stage.evaluate(SPILLS) == [], said
            assert await stage.evaluate(OVERLAPS) == [], said


async def well_drawn(stage: Page) -> None:
    await finds_nothing(stage, SMALL_TEXT, OVERLAPS)
