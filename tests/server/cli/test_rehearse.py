"""`hemicycle rehearse`: the published figures come out, nothing is lost, and real ballots are left alone."""

import json
from pathlib import Path

from tests.server.cli.served import Served, command, good


def test_rehearsal_reproduces_the_published_figures_and_loses_nothing(served: Served) -> None:
    words = ("--voters", 60, "--seconds", 0.2, "--follow-published", "--json")
    report = json.loads(good("rehearse", "ecc2020", *words, data=served.data))
    assert {"joined", "voted", "acknowledged", "lost", "p50_ms", "p95_ms", "p99_ms"} <= report.keys()
    assert (report["event"], report["joined"], report["lost"]) == ("ecc2020-rehearsal", 60, 0)
    assert report["acknowledged"] == report["voted"] > 100
    assert report["rejected"] == {}
    assert 0 < report["p50_ms"] <= report["p95_ms"] <= report["p99_ms"]

    export = json.loads(good("export", "ecc2020-rehearsal", "--format", "json", data=served.data))
    results = {poll["id"]: poll["result"]["options"] for poll in export["polls"]}
    shown = [one["shown"] for one in results["public-support"]]
    assert shown == ["35 %", "33 %", "14 %", "14 %", "2 %", "2 %"]
    for poll in ("business-adapts", "authority-needs", "research-results"):
        counts = [one["count"] for one in results[poll]]
        assert counts == sorted(set(counts), reverse=True), poll
    *chosen, nobody = [one["count"] for one in results["manager-needs"]]
    assert chosen == sorted(set(chosen), reverse=True)
    assert (nobody, results["manager-needs"][-1]["shown"]) == (0, "not selected")
    assert "agrees with the store" in good("recount", "ecc2020-rehearsal", data=served.data)

    # A rehearsal touches the copy alone, and each one replaces the last.
    assert (
        json.loads(good("export", "ecc2020", "--format", "json", data=served.data))["polls"][0]["round"] == 0
    )


def test_rehearsal_in_place_is_refused_once_there_are_ballots(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path)
    words = ("--voters", 3, "--seconds", 0.1, "--in-place", "--json")
    report = json.loads(good("rehearse", event, *words, data=served.data))
    assert (report["event"], report["joined"], report["voted"], report["lost"]) == (event, 3, 6, 0)
    before = good("recount", event, data=served.data)
    refused = command("rehearse", event, *words, data=served.data)
    assert refused.exit_code == 1
    assert f"{event} holds 6 ballots already." in refused.stderr
    assert good("recount", event, data=served.data) == before


def test_rehearsal_speaks_to_people_too(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path)
    said = good("rehearse", event, "--voters", 2, "--seconds", 0.1, data=served.data).splitlines()
    assert said[0] == "2 phones joined and cast 4 ballots."
    assert said[1] == "4 were acknowledged, 0 of these are lost."
    assert said[-1] == f"The outcome: hemicycle export {event}-rehearsal --format json"


def test_more_voters_than_the_settings_allow_are_refused(served: Served) -> None:
    result = command("rehearse", "ecc2020", "--voters", 5001, "--seconds", 1, data=served.data)
    assert result.exit_code == 2
    assert "polls.rehearsal_max_voters allows (5000)" in result.stderr


def test_rehearsal_against_a_server_that_is_not_there_is_one_plain_line(served: Served) -> None:
    words = ("--voters", 2, "--seconds", 1, "--url", "http://127.0.0.1:9")
    result = command("rehearse", "ecc2020", *words, data=served.data)
    assert result.exit_code == 1
    assert "no server answers at http://127.0.0.1:9" in result.stderr
    assert "Traceback" not in result.stderr


def test_rehearsal_with_a_wrong_token_is_refused_in_words(served: Served) -> None:
    words = ("--voters", 2, "--seconds", 1, "--token", "wrong")
    result = command("rehearse", "ecc2020", *words, data=served.data)
    assert result.exit_code == 1
    assert "answered 403" in result.stderr
