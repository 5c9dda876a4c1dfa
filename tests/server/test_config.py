"""Settings: where each comes from, which wins, and how a wrong one is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from server.config import Config, ConfigError, load_config
from server.settings import default_yaml, settings
from server.yamlread import read_yaml

SHIPPED = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def refusal(
    path: Path | None = None, env: dict[str, str] | None = None, words: dict[str, object] | None = None
) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(path, env or {}, words or {})
    return caught.value


def test_config_yaml_shows_every_setting_with_its_default_and_a_comment() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    content, marks = read_yaml(text)
    lines = text.splitlines()

    assert text == default_yaml()
    assert isinstance(content, dict)
    for key, one in settings():
        section, name = key.split(".")
        expected = list(one.default) if isinstance(one.default, tuple) else one.default
        assert content[section][name] == (str(expected) if isinstance(expected, Path) else expected), key
        assert lines[marks.line((section, name)) - 2].startswith("  # "), key


def test_the_shipped_file_gives_the_defaults() -> None:
    assert load_config(SHIPPED, {}, {}) == Config()


def test_defaults_alone_when_there_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert load_config(None, {"PATH": "/bin"}, {}) == Config()


def test_a_file_in_the_present_folder_is_found(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written.write_text("server: {port: 9001}")
    monkeypatch.chdir(written.parent)

    assert load_config(None, {}, {}).server.port == 9001


def test_environment_wins_over_file_and_words_win_over_environment(written: Path) -> None:
    written.write_text("server: {port: 9001, host: 10.0.0.1}\nstore: {data: /srv/votes}\n")
    env = {"HEMICYCLE_SERVER_PORT": "9002", "HEMICYCLE_SERVER_HOST": "10.0.0.2"}

    config = load_config(written, env, {"server.port": 9003, "store.data": None})

    assert (config.server.port, config.server.host) == (9003, "10.0.0.2")
    assert config.store.data == Path("/srv/votes")


def test_every_setting_has_a_variable_of_its_own() -> None:
    names = ["HEMICYCLE_" + key.replace(".", "_").upper() for key, _ in settings()]

    assert len(set(names)) == len(names)


def test_lists_stand_between_commas_in_the_environment() -> None:
    env = {"HEMICYCLE_SERVER_ALLOWED_ORIGINS": "https://A.example, http://b.example:8080/"}

    origins = load_config(SHIPPED, env, {}).server.allowed_origins

    assert origins == ("https://a.example", "http://b.example:8080")


def test_a_section_may_be_empty(written: Path) -> None:
    written.write_text("server:\n  # port: 1\n")

    assert load_config(written, {}, {}) == Config()


def test_an_unknown_key_is_refused_with_its_line_and_a_guess(written: Path) -> None:
    written.write_text("server:\n  host: 127.0.0.1\n  prot: 8000\n")

    error = refusal(written)

    assert (error.where, error.key) == (f"{written} line 3", "server.prot")
    assert "did you mean server.port?" in str(error)


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("server: {port: x}", "server.port", "a whole number from 0 to 65535, not 'x'"),
        ("server: {port: 70000}", "server.port", "from 0 to 65535"),
        ("server: {port: true}", "server.port", "a whole number"),
        ("server: {port: 80.5}", "server.port", "a whole number"),
        ("server: {port: }", "server.port", "a whole number"),
        ("server: {host: ''}", "server.host", "text that is not empty"),
        ("server: {public_url: vote.example}", "server.public_url", "an address such as"),
        ("server: {public_url: 'https://vote.example/x'}", "server.public_url", "without a path"),
        ("server: {public_url: 'https://me@vote.example'}", "server.public_url", "an address"),
        ("server: {public_url: 'https://vote.example:99999'}", "server.public_url", "an address"),
        ("server: {trusted_proxies: [proxy]}", "server.trusted_proxies", "an address or network"),
        ("server: {trusted_proxies: {}}", "server.trusted_proxies", "a list"),
        ("store: {fsync: no}", "store.fsync", "one of always, everysec, not 'no'"),
        ("store: {data: ''}", "store.data", "a folder"),
        ("live: {stage_hz: 11}", "live.stage_hz", "a number from 0.1 to 10"),
        ("live: {stage_hz: .nan}", "live.stage_hz", "a number"),
        ("live: {silence_s: 20}", "live.silence_s", "more than live.tick_s (20)"),
        ("server: 8000", "server", "settings as `name: value`"),
        ("- server", "", "sections with settings"),
        ("sevrer: {}", "sevrer", "there is no such section"),
        ("server: {port: 1, port: 2}", "", "the key 'port' is here twice"),
        ("server: [", "", "is missing"),
    ],
)
def test_a_bad_value_is_refused_with_its_path_and_what_was_expected(
    written: Path, text: str, key: str, expected: str
) -> None:
    written.write_text(text)

    error = refusal(written)

    assert error.key == key
    assert error.where == f"{written} line 1"
    assert expected in str(error)


def test_an_unknown_variable_is_refused() -> None:
    error = refusal(SHIPPED, {"HEMICYCLE_PORT": "1"})

    assert error.key == "HEMICYCLE_PORT"
    assert "did you mean server.port?" in str(error)


def test_a_bad_word_says_that_it_came_from_the_command_line() -> None:
    assert str(refusal(SHIPPED, words={"server.port": "x"})).startswith(
        "command line: server.port: expected a"
    )


def test_a_password_in_the_address_of_the_store_is_not_repeated() -> None:
    error = refusal(SHIPPED, {"HEMICYCLE_STORE_URL": "http://:geheim@host"})

    assert "geheim" not in str(error)


def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path, written: Path) -> None:
    written.write_bytes(b"server: {host: \xff}")

    assert "cannot be read" in str(refusal(tmp_path / "none.yaml"))
    assert "UTF-8" in str(refusal(written))
    assert "cannot be read" in str(refusal(env={"HEMICYCLE_CONFIG": str(tmp_path / "none.yaml")}))


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().server.port = 1  # type: ignore[misc]
