"""Who is there: nothing that we did not sign is believed, and a foreign page may not act."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.auth import MAY, Keyring, Role, Seat, is_own_origin, order_seed

KEYRING = Keyring(b"k" * 32)
OTHER = Keyring(b"o" * 32)


def test_device_cookie_comes_back_as_it_was() -> None:
    device = KEYRING.new_device()
    assert KEYRING.read_device(KEYRING.sign_device(device)) == device
    assert KEYRING.new_device() != device


@settings(deadline=None)
@given(st.text())
def test_no_made_up_cookie_is_a_device_or_a_seat(cookie: str) -> None:
    assert KEYRING.read_device(cookie) is None
    assert KEYRING.read_seat("event", cookie) == Seat()


@settings(deadline=None)
@given(st.integers(0, 200), st.characters(min_codepoint=33, max_codepoint=126))
def test_cookie_with_one_changed_character_is_forged(place: int, letter: str) -> None:
    cookie = KEYRING.sign_device("a-device-of-some-length")
    place %= len(cookie) - 1  # the last character of base64 holds unused bits
    changed = cookie[:place] + letter + cookie[place + 1 :]
    assert KEYRING.read_device(changed) == ("a-device-of-some-length" if changed == cookie else None)


def test_cookie_of_another_server_is_forged() -> None:
    assert KEYRING.read_device(OTHER.sign_device("device")) is None
    assert KEYRING.read_seat("event", OTHER.sign_seat("event", Seat(segment="juror"))) == Seat()


def test_cookie_of_one_kind_is_none_of_another() -> None:
    seat = KEYRING.sign_seat("event", Seat(segment="a"))
    assert KEYRING.read_device(seat) is None
    assert KEYRING.read_seat("event", KEYRING.sign_device("device")) == Seat()


def test_seat_holds_at_its_own_event_only() -> None:
    cookie = KEYRING.sign_seat("one", Seat(segment="panellist", room="green"))
    assert KEYRING.read_seat("one", cookie) == Seat(segment="panellist", room="green")
    assert KEYRING.read_seat("two", cookie) == Seat()


@pytest.mark.parametrize("role", Role)
def test_token_stands_for_its_role_at_its_event_and_serial_only(role: Role) -> None:
    token = KEYRING.token("event", role, 2)
    assert KEYRING.role_of("event", token, {role: 2}) is role
    assert KEYRING.role_of("event", token, {role: 3}) is None
    assert KEYRING.role_of("event", token, {}) is None
    assert KEYRING.role_of("other", token, {role: 2}) is None
    assert OTHER.role_of("event", token, {role: 2}) is None
    assert KEYRING.role_of("event", token + "A", {role: 2}) is None


@settings(deadline=None)
@given(st.text())
def test_no_made_up_token_gives_a_role(token: str) -> None:
    assert KEYRING.role_of("event", token, {}) is None


def test_strongest_of_several_tokens_counts() -> None:
    tokens = [None, "", "nonsense", *(KEYRING.token("event", role, 1) for role in reversed(Role))]
    assert KEYRING.best_role("event", tokens, {}) is Role.ORGANISER
    assert KEYRING.best_role("event", tokens[:4], {}) is Role.PRESENTER
    assert KEYRING.best_role("event", [None], {}) is None


def test_stronger_roles_may_what_weaker_ones_may() -> None:
    assert MAY[Role.ORGANISER] < MAY[Role.MODERATOR] < MAY[Role.PRESENTER]


def test_key_file_is_made_private_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"
    token = Keyring.load(path).token("event", Role.MODERATOR, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keyring.load(path).token("event", Role.MODERATOR, 1) == token
    path.chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 600"):
        Keyring.load(path)


def test_damaged_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"short")
    path.chmod(0o600)
    with pytest.raises(PermissionError, match="32 bytes expected, 5 found"):
        Keyring.load(path)


def test_order_seed_says_nothing_about_the_device() -> None:
    assert order_seed("device") == order_seed("device") != order_seed("another")
    assert "device" not in order_seed("device")


HOST = "vote.example:8000"
ALLOWED = frozenset({"https://vote.example"})


@pytest.mark.parametrize(
    ("origin", "fetch_site", "is_own"),
    [
        ("http://vote.example:8000", "same-origin", True),
        ("http://vote.example:8000", None, True),
        ("https://vote.example", "same-origin", True),  # public_url behind a proxy
        (None, "same-origin", True),
        (None, "none", True),  # typed into the address bar
        (None, None, True),  # no browser
        ("http://vote.example:8000", "cross-site", False),
        ("http://vote.example:8000", "same-site", False),
        (None, "cross-site", False),
        ("http://evil.example", None, False),
        ("http://evil.example", "same-origin", False),
        ("http://vote.example", None, False),  # another port is another origin
        ("http://vote.example:8000.evil.example", None, False),
        ("http://evil.example#vote.example:8000", None, False),
        ("http://vote.example:8000@evil.example", None, False),
        ("null", None, False),
        ("", None, False),
        ("file://", None, False),
        ("http://[", None, False),
        ("javascript://vote.example:8000", None, False),
    ],
)
def test_only_our_own_pages_may_act(origin: str | None, fetch_site: str | None, is_own: bool) -> None:
    assert is_own_origin(origin, fetch_site, HOST, ALLOWED) is is_own


def test_missing_host_is_nobodys_own() -> None:
    assert not is_own_origin("http://vote.example", None, None, ALLOWED)
    assert not is_own_origin("", None, "", frozenset())


def test_a_start_that_is_broken_off_leaves_no_empty_key_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty file counted as damaged at every later start."""

    def crash(_: int) -> None:
        raise OSError("the power went")

    path = tmp_path / "key"
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", crash)
        with pytest.raises(OSError, match="power"):
            Keyring.load(path)

    assert not path.exists()
    assert Keyring.load(path).codes_key() == Keyring.load(path).codes_key()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
