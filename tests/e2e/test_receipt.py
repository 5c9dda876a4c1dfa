"""Receipts made in the browser are those that Python makes, with the library that pages load."""

import hashlib
from typing import Any

from playwright.async_api import Browser

from tests.conftest import Running
from voting.record.receipt import make_receipt

STATIC_URL = "/static/js/receipt.js"
WORDS = ["", "tulip", "  Cafe\u0301 ", "\ufeffx\ufeff", "\u00a0Ω\u3000", "a\u0085", "😀 b"]
RS = ["00" * 16, "ff" * 16, hashlib.sha256(b"r").hexdigest()[:32]]


async def test_receipts_of_the_browser_are_those_of_the_server(browser: Browser, running: Running) -> None:
    page = await (await browser.new_context()).new_page()
    await page.goto(running.base + "/healthz")
    script = """async ([url, cases]) => {
        const { makeReceipt } = await import(url);
        return cases.map(([award, round, r, word]) => makeReceipt(award, round, r, word));
    }"""
    cases = [["best", "vote", r, word] for r in RS for word in WORDS]

    made: list[Any] = await page.evaluate(script, [STATIC_URL, cases])

    for (award, round_id, r, word), found in zip(cases, made, strict=True):
        expected = make_receipt(award, round_id, r, word)
        assert (found["receipt"], found["salt"], found["r"]) == (expected.receipt, expected.salt, r), word
    await page.context.close()


async def test_every_receipt_is_a_new_one_and_needs_no_https(browser: Browser, running: Running) -> None:
    page = await (await browser.new_context()).new_page()
    await page.goto(running.base + "/healthz")
    script = """async (url) => {
        Object.defineProperty(crypto, 'subtle', { value: undefined });
        const { newReceipt, showReceipt } = await import(url);
        const made = Array.from({ length: 50 }, () => newReceipt('best', 'vote'));
        return [made.map((one) => one.receipt), showReceipt(made[0].receipt)];
    }"""

    receipts, shown = await page.evaluate(script, STATIC_URL)

    assert len(set(receipts)) == 50
    assert shown.replace("-", "") == receipts[0]
    assert len(shown) == 14
    await page.context.close()
