"""What a person does on the page of a phone."""

from playwright.async_api import BrowserContext, Locator, Page, expect

COUNTED = "form.is-counted [data-state].good"
"""Counted and not being changed; while somebody changes an answer, the line still says that it is counted."""
SLOWER = "Connected, a little slower"


async def choose(page: Page, *texts: str) -> None:
    for text in texts:
        await page.get_by_label(text, exact=True).check()


async def send(page: Page) -> None:
    await page.locator("[data-send]").click()


async def counted(page: Page) -> None:
    await expect(page.locator(COUNTED)).to_be_visible()


async def answer(page: Page, *texts: str) -> None:
    """Choose, send, and wait until it is counted."""
    await choose(page, *texts)
    await send(page)
    await counted(page)


async def send_the_change(page: Page) -> None:
    await page.get_by_role("button", name="Send the change").click()
    await counted(page)


async def connected(page: Page, how: str = "Connected") -> None:
    await expect(page.locator("#link")).to_have_text(how)


async def go_offline(page: Page) -> None:
    """Take a connected phone's network away, and wait until its page has noticed."""
    await connected(page)
    await page.context.set_offline(True)
    await connected(page, "Offline")


async def listen(page: Page) -> None:
    """Note from now on what a screen reader is told of beside the state line; see `heard`."""
    await page.evaluate(
        """() => {
          const place = document.getElementById("say");
          window.heard = [];
          const note = () => place.textContent && window.heard.push(place.textContent);
          new MutationObserver(note).observe(place, {childList: true, characterData: true, subtree: true});
        }"""
    )


async def heard(page: Page) -> list[str]:
    return list(await page.evaluate("window.heard"))


async def block_sockets(context: BrowserContext) -> None:
    await context.add_init_script(
        "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({code: 1006})) }"
        " close() {} send() {} }"
    )


def card(page: Page, text: str) -> Locator:
    """The main button of an option."""
    return page.locator("button.name", has_text=text)


async def tap(page: Page, *texts: str) -> None:
    for text in texts:
        await card(page, text).click()


async def order(page: Page) -> list[str]:
    """What is ranked, from top to bottom, with the place numbers: "1 Train staff"."""
    rows = page.locator(".ranking .is-placed:visible")
    texts = await rows.evaluate_all(
        "rows => rows.map(row => row.querySelector('.place').textContent + ' '"
        " + row.querySelector('.name span').firstChild.textContent)"
    )
    assert all(isinstance(text, str) for text in texts)
    return list(texts)


async def free(page: Page) -> list[str]:
    """Ids of what is not ranked, from top to bottom."""
    rows = page.locator(".ranking .rank:not(.is-placed)")
    return list(await rows.evaluate_all("rows => rows.map(row => row.dataset.option)"))
