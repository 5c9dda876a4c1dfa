"""The views by audience, gathered under one name."""

from dashboard.button import Button
from dashboard.console_view import (
    ActionLine,
    AgendaPoll,
    AgendaSession,
    ConsoleView,
    Counts,
    Push,
    console_view,
    counts_of,
    local_clock,
)
from dashboard.lines import Bar, Figures, Group
from dashboard.numbers import two_decimals
from dashboard.phone_view import (
    Choice,
    PaperView,
    PhoneView,
    ResultView,
    paper_view,
    phone_state,
    poll_in_front,
    result_view,
)
from dashboard.stage_view import StageView, stage_view, turnout_sentence

__all__ = [
    "ActionLine",
    "AgendaPoll",
    "AgendaSession",
    "Bar",
    "Button",
    "Choice",
    "ConsoleView",
    "Counts",
    "Figures",
    "Group",
    "PaperView",
    "PhoneView",
    "Push",
    "ResultView",
    "StageView",
    "console_view",
    "counts_of",
    "local_clock",
    "paper_view",
    "phone_state",
    "poll_in_front",
    "result_view",
    "stage_view",
    "turnout_sentence",
    "two_decimals",
]
