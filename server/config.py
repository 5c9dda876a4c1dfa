"""Where a setting's value comes from; server/settings.py names the settings.

Later wins: the defaults, config.yaml, the environment (HEMICYCLE_SECTION_KEY), the words of the command
line. An unknown name or a value out of range refuses to start, naming the setting and what was expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path

from server.config_values import Bad
from server.settings import SECTIONS, Config, settings
from server.yamlread import Marks, YamlError, read_yaml

__all__ = ["Config", "ConfigError", "load_config"]

ENV = "HEMICYCLE_"
ENV_RESERVED = frozenset({"HEMICYCLE_CONFIG", "HEMICYCLE_TOKEN"})
"""Read by the command line itself: the path of config.yaml, and the token of a moderator."""


class ConfigError(ValueError):
    """A setting that cannot be: `key` is its path, `expected` what would do, `where` the file and line."""

    def __init__(self, where: str, key: str, expected: str) -> None:
        super().__init__(": ".join(part for part in (where, key, expected) if part))
        self.where = where
        self.key = key
        self.expected = expected


def load_config(path: Path | None, env: Mapping[str, str], overrides: Mapping[str, object]) -> Config:
    """The settings from defaults, file, environment and words of the command line, later ones winning.

    path: None looks for HEMICYCLE_CONFIG, ./config.yaml, then the file shipped with the package.
    overrides: by dotted name, "server.port"; None means not given.
    Raises ConfigError.
    """
    chosen: dict[str, object] = {}
    sources: dict[str, str] = {}
    layers = (_from_file(_find(path, env)), _from_env(env), _from_words(overrides))
    for where, key, value in (entry for layer in layers for entry in layer):
        chosen[key] = _read(where, key, value)
        sources[key] = where
    made = {
        section: kind(**{f.name: chosen[k] for f in fields(kind) if (k := f"{section}.{f.name}") in chosen})
        for section, kind in SECTIONS.items()
    }
    config = Config(**made)
    if config.live.silence_s <= config.live.tick_s:
        where = sources.get("live.silence_s") or sources.get("live.tick_s", "")
        raise ConfigError(where, "live.silence_s", f"expected more than live.tick_s ({config.live.tick_s})")
    return config


def _read(where: str, key: str, value: object) -> object:
    one = dict(settings()).get(key)
    if one is None:
        raise ConfigError(where, key, "there is no such setting" + _near(key))
    try:
        return one.metadata["read"](value)
    except Bad as bad:
        # An address of the store may hold a password.
        given = "" if key == "store.url" else f", not {str(value)[:60]!r}"
        raise ConfigError(where, key, f"expected {bad}{given}") from None


def _near(key: str) -> str:
    near = get_close_matches(key, [name for name, _ in settings()], n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def _find(path: Path | None, env: Mapping[str, str]) -> Path | None:
    if path is None and env.get("HEMICYCLE_CONFIG"):
        path = Path(env["HEMICYCLE_CONFIG"])
    if path is not None:
        return path
    shipped = Path(__file__).with_name("config.yaml")
    return next((found for found in (Path("config.yaml"), shipped) if found.is_file()), None)


def _from_file(path: Path | None) -> Iterator[tuple[str, str, object]]:
    if path is None:
        return
    try:
        content, marks = read_yaml(path.read_text(encoding="utf-8"))
    except YamlError as error:
        raise ConfigError(f"{path} line {error.line}", "", error.problem) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "", "expected text in UTF-8") from None
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror}") from None
    for section, entries in _mapping(path, marks, (), content).items():
        if section not in SECTIONS:
            where = f"{path} line {marks.line((section,))}"
            raise ConfigError(
                where, str(section), "there is no such section; there are " + ", ".join(SECTIONS)
            )
        for name, value in _mapping(path, marks, (section,), entries).items():
            yield f"{path} line {marks.line((section, name))}", f"{section}.{name}", value


def _mapping(path: Path, marks: Marks, place: tuple[str, ...], value: object) -> Mapping[str, object]:
    # An empty section is one whose settings are all commented out.
    if value is None:
        return {}
    if not isinstance(value, dict):
        expected = "expected settings as `name: value`" if place else "expected sections with settings"
        raise ConfigError(f"{path} line {marks.line(place)}", ".".join(place), expected)
    return value


def _from_env(env: Mapping[str, str]) -> Iterator[tuple[str, str, object]]:
    names = {f"{ENV}{key.replace('.', '_').upper()}": key for key, _ in settings()}
    for name in sorted(env):
        if name.startswith(ENV) and name not in ENV_RESERVED:
            if name not in names:
                guess = _near(name.removeprefix(ENV).lower().replace("_", ".", 1))
                raise ConfigError("environment", name, "there is no such setting" + guess)
            yield f"environment {name}", names[name], env[name]


def _from_words(overrides: Mapping[str, object]) -> Iterator[tuple[str, str, object]]:
    for key, value in overrides.items():
        if value is not None:
            yield "command line", key, value
