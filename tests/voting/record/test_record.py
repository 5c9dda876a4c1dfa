"""The pure parts of the record, against published vectors and against each other."""

import hashlib
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.record.bundle import CodeLine, code_lines, leaf_only
from voting.record.canonical import canonical_json
from voting.record.check import check_receipt
from voting.record.checkpoint import batch, batch_ends, is_due
from voting.record.log import (
    EntryType,
    LogEntry,
    chain_faults,
    entry_from_json,
    entry_to_json,
    make_entry,
)
from voting.record.merkle import (
    Tree,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    leaf_of,
    root_of,
)
from voting.record.receipt import is_receipt, is_salt, make_receipt, read_receipt, show_receipt
from voting.record.words import WORDS, root_words

# The inputs and roots of the reference implementation of RFC 6962 (Certificate Transparency).
LEAVES = [
    leaf_hash(bytes.fromhex(data))
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


def test_proofs_are_those_of_certificate_transparency() -> None:
    assert [h.hex() for h in inclusion_proof(LEAVES, 0)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [h.hex() for h in consistency_proof(LEAVES, 6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.integers(1, 40), st.data())
def test_every_proof_is_accepted_and_no_altered_one(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    root = root_of(leaves)
    index = data.draw(st.integers(0, size - 1))
    earlier = data.draw(st.integers(1, size))
    proof, growth = inclusion_proof(leaves, index), consistency_proof(leaves, earlier)
    old = root_of(leaves[:earlier])

    assert is_included(leaves[index], index, size, proof, root)
    assert is_consistent(earlier, size, old, root, growth)
    other = hashlib.sha256(b"other").digest()
    assert not is_included(other, index, size, proof, root)
    assert not is_included(leaves[index], index, size, [*proof, other], root)
    assert not is_included(leaves[index], size, size, proof, root)
    assert not is_consistent(earlier, size, old, other, growth)
    assert not is_consistent(earlier, size, other, root, growth)
    assert not is_consistent(earlier, size, old, root, [*growth, other])
    if growth:
        assert not is_consistent(earlier, size, old, root, growth[:-1])


@given(st.lists(st.binary(max_size=4), max_size=50))
def test_a_growing_tree_has_the_roots_of_the_whole_lists(data: list[bytes]) -> None:
    tree = Tree()
    for n, one in enumerate(data, start=1):
        tree.add(leaf_hash(one))
        assert tree.root() == root_of([leaf_hash(d) for d in data[:n]])


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_canonical_json_of_canonical_json_is_itself(value: object) -> None:
    import json

    text = canonical_json(value)

    assert canonical_json(json.loads(text)) == text


@pytest.mark.parametrize("value", [1.5, {"a": float("nan")}, [b"x"], {1: "a"}])
def test_canonical_json_refuses_what_it_cannot_say(value: object) -> None:
    with pytest.raises(ValueError, match="canonical JSON"):
        canonical_json(value)


def test_letters_and_their_accents_become_one() -> None:
    assert canonical_json({"e\u0301": "e\u0301"}) == canonical_json({"é": "é"})


def test_a_receipt_is_made_as_the_record_says() -> None:
    made = make_receipt("best", "vote", "00" * 16, "  Caf\u0065\u0301 ")

    assert made == make_receipt("best", "vote", "00" * 16, "Café")
    assert is_receipt(made.receipt) and is_salt(made.salt)
    assert made.salt == hashlib.sha256(b"salt|" + b"00" * 16).hexdigest()[:32]
    assert made.receipt != make_receipt("best", "runoff1", "00" * 16, "Café").receipt
    assert read_receipt(show_receipt(made.receipt).upper()) == made.receipt
    with pytest.raises(ValueError, match="16 bytes"):
        make_receipt("best", "vote", "00" * 15)


def test_words_are_256_distinct_plain_ones() -> None:
    assert len(set(WORDS)) == 256
    assert list(WORDS) == sorted(WORDS)
    assert all(word.isascii() and word.islower() and word.isalpha() and 3 <= len(word) <= 8 for word in WORDS)


def test_a_root_reads_as_eight_words() -> None:
    assert root_words("00010203040506ff" + "00" * 24) == (*WORDS[:7], WORDS[255])
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        root_words("00")


def test_a_checkpoint_waits_for_time_and_for_ballots() -> None:
    assert is_due(now_ms=15_000, last_ms=0, new=20, every_s=15, min_new=20)
    assert not is_due(now_ms=14_999, last_ms=0, new=20, every_s=15, min_new=20)
    assert not is_due(now_ms=99_000, last_ms=0, new=19, every_s=15, min_new=20)
    assert not is_due(now_ms=99_000, last_ms=0, new=0, every_s=0, min_new=0)
    assert batch([b"b", b"a"]) == [b"a", b"b"]


@given(st.lists(st.lists(st.text("0123456789abcdef", min_size=4, max_size=4)), max_size=6), st.data())
def test_batches_that_were_recorded_are_told_apart(batches: list[list[str]], data: st.DataObject) -> None:
    leaves = [leaf for one in batches for leaf in sorted(one)]
    borders = [0, *itertools.accumulate(map(len, batches))]
    pinned = data.draw(st.sampled_from(borders))
    ends = batch_ends(leaves, pinned)

    assert set(ends) <= set(borders)
    for start, end in itertools.pairwise([pinned, *ends]):
        assert start < end and leaves[start:end] == sorted(leaves[start:end])
    assert ends[-1:] == ([len(leaves)] if len(leaves) > pinned else [])


def log_of(*bodies: tuple[EntryType, dict[str, object]]) -> list[LogEntry]:
    entries: list[LogEntry] = []
    for n, (kind, body) in enumerate(bodies):
        entries.append(make_entry(after=entries[-1] if entries else None, at_ms=n, type=kind, body=body))
    return entries


def test_a_log_chains_and_reads_back() -> None:
    log = log_of((EntryType.RULES, {"rules_hash": "x"}), (EntryType.OPEN, {"round": "vote"}))

    assert chain_faults(log) == []
    assert [entry_from_json(entry_to_json(entry)) for entry in log] == log
    assert chain_faults(log[1:]) == [
        "entry 2 follows entry 0",
        "entry 2 does not continue the entry before it",
    ]


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"type":"OPEN","seq":1.5}', "[" * 9999])
def test_what_is_no_log_entry_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        entry_from_json(line)


def test_a_receipt_leads_to_the_ballot_and_a_proof_of_its_box() -> None:
    ballots = [{"round": "vote", "receipt": f"r{n}", "choices": [["a"]]} for n in range(5)]
    leaves = [leaf_of(ballot) for ballot in ballots]
    log = log_of(
        (EntryType.CHECKPOINT, {"round": "vote", "count": 3, "root": root_of(leaves[:3]).hex()}),
        (EntryType.CLOSE, {"round": "vote", "count": 5, "root": root_of(leaves).hex()}),
        (EntryType.VOIDED, {"receipt": "r4", "reason": "Cast twice", "by": ["a", "b"]}),
    )

    early, late = (check_receipt(receipt, "vote", ballots, log) for receipt in ("r1", "r4"))

    assert early is not None and late is not None
    assert (early.place, early.count, early.voided) == (2, 3, None)
    assert (late.place, late.count, late.voided) == (5, 5, "Cast twice")
    for found in (early, late):
        proof = [bytes.fromhex(sibling) for sibling in found.proof]
        root = bytes.fromhex(found.root)
        assert is_included(bytes.fromhex(found.leaf), found.place - 1, found.count, proof, root)
        assert found.words == root_words(found.root)
    assert check_receipt("r9", "vote", ballots, log) is None
    with pytest.raises(ValueError, match="in no checkpoint"):
        check_receipt("r1", "vote", ballots, [])


def test_codes_are_sorted_and_come_once() -> None:
    two = [CodeLine(round="vote", class_id="guest", hash=h * 64) for h in "ba"]

    assert code_lines(two) == f"vote guest {'a' * 64}\nvote guest {'b' * 64}\n"
    with pytest.raises(ValueError, match="twice"):
        code_lines([*two, two[0]])
    with pytest.raises(ValueError, match="space"):
        code_lines([CodeLine(round="a b", class_id="guest", hash="c")])


def test_totals_show_leaves_alone() -> None:
    line = {"round": "jury", "juror": "j1", "salt": "s"}

    assert leaf_only(line) == {"round": "jury", "leaf": leaf_of(line).hex()}
