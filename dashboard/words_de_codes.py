# ruff: noqa: E501 - a sentence stays on its line
"""The sentences in German on sheets with voting codes."""

from collections.abc import Mapping

from dashboard.phrase import Phrase

WORDS: Mapping[str, Phrase] = {
    "code_sheet_scan": "Scannen Sie dies mit Ihrem Handy und wählen Sie auf der Seite, die sich öffnet.",
    "code_sheet_type": "Oder öffnen Sie {address} und tippen Sie den Code ein, der unten steht.",
    "code_sheet_once": "Dieser Code zählt einmal und kann nicht ersetzt werden.",
    "code_sheet_secret": "Behalten Sie ihn für sich: Wer ihn hat, kann an Ihrer Stelle abstimmen. Ihre Stimme wird ohne ihn gespeichert.",
}
"""The sentences."""
