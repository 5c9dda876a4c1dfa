"""What no award promises is said alike on the voter's page, in the record and in the project's README."""

from dashboard.award_rules import not_promised
from server.record import archive
from tests.conftest import ROOT


def test_the_record_and_the_readme_say_what_the_voters_page_says() -> None:
    said = "\n".join(f"- {sentence}" for sentence in not_promised("en"))
    assert said.count("\n") >= 5
    assert said in archive.README
    assert "Until the box is sealed, whoever runs the server could see which code or phone" in said
    assert said in (ROOT / "README.md").read_text(encoding="utf-8")
