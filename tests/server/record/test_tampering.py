"""Every lie that we could think of makes the recount fail, and say why, even when told with the key.

Only whoever ran the server has the key: then the log is chained and signed anew, and what gives it away is
that the parts disagree. What anyone can do to a copy of a record is in test_edited_copies.py.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.record.builder import Draft, recounted
from tests.server.record.lies_box import BOX_LIES
from tests.server.record.lies_log import LOG_LIES

LIES = [*BOX_LIES, *LOG_LIES]


def test_a_sound_record_fits(draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = recounted(draft.files(), tmp_path, capsys)

    assert code == 0, report
    assert "FAULT" not in report
    assert "Cand C wins" in report
    assert "What no recount can prove" in report
    assert len(report.splitlines()) <= 60


@pytest.mark.parametrize(("edit", "message"), LIES, ids=[edit.__name__ for edit, _ in LIES])
def test_lies_of_whoever_holds_the_key_are_found(
    edit: Callable[[Draft], None],
    message: str,
    draft: Draft,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    edit(draft)

    code, report = recounted(draft.files(), tmp_path, capsys)

    assert code == 1
    assert message in report, report
    assert "Traceback" not in report
