import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.material import law
from voting.voterkey import VoterKeys, voter_key

SECRET = bytes(range(32))


def test_a_voter_key_is_half_an_hmac_in_22_safe_characters() -> None:
    key = voter_key(SECRET, "device-1")
    digest = hmac.new(SECRET, b"device-1", hashlib.sha256).digest()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    value = 0
    for character in key:
        value = value * 64 + alphabet.index(character)
    assert len(key) == 22
    assert value >> 4 == int.from_bytes(digest[:16], "big")
    assert value & 0b1111 == 0


@law
@given(
    st.lists(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])), unique=True, max_size=20)
)
def test_one_device_has_one_key_a_round_and_another_in_the_next(devices: list[str]) -> None:
    keys = [voter_key(SECRET, device) for device in devices]
    assert keys == [voter_key(SECRET, device) for device in devices]
    assert len(set(keys)) == len(devices)
    assert not set(keys) & {voter_key(SECRET[::-1], device) for device in devices}


@law
@given(
    st.binary(min_size=16, max_size=200),
    st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_keys_made_for_a_whole_round_are_the_same_keys(secret: bytes, device: str) -> None:
    keys = VoterKeys(secret)
    assert keys.of(device) == voter_key(secret, device)
    assert keys.of(device) == voter_key(secret, device)  # the first left nothing behind


def test_a_secret_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        VoterKeys(SECRET[:15])
    with pytest.raises(ValueError, match="secret"):
        voter_key(b"", "device-1")
    with pytest.raises(ValueError, match="secret"):
        voter_key(SECRET[:15], "device-1")


def test_an_empty_device_is_refused() -> None:
    with pytest.raises(ValueError, match="device"):
        voter_key(SECRET, "")
    with pytest.raises(ValueError, match="device"):
        VoterKeys(SECRET).of("")
