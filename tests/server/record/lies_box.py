"""Lies about ballots, codes and sheets, told by whoever holds the key: the log is made anew around them."""

from collections.abc import Callable

from tests.server.record.builder import Draft, Json
from voting.record.bundle import CodeLine, codes_hash
from voting.record.merkle import leaf_of


def ballot(draft: Draft, choice: str = "d") -> Json:
    return next(b for b in draft.ballots if b["choices"] == [[choice]])


def flip_a_choice(draft: Draft) -> None:
    ballot(draft)["choices"] = [["c"]]


def flip_and_forge_roots(draft: Draft) -> None:
    ballot(draft)["choices"] = [["c"]]
    draft.ballots[:20], draft.ballots[20:40], draft.ballots[40:] = (
        sorted(draft.ballots[at : at + 20], key=leaf_of) for at in (0, 20, 40)
    )
    draft.rehead()


def drop_a_ballot(draft: Draft) -> None:
    del draft.ballots[3]


def add_a_ballot_after_the_close(draft: Draft) -> None:
    draft.ballots.append(ballot(draft) | {"receipt": "aaaaaaaaaaaa"})


def add_a_ballot_and_forge_the_box(draft: Draft) -> None:
    extra = ballot(draft) | {"receipt": "aaaaaaaaaaaa"}
    draft.ballots = draft.ballots[:40] + sorted([*draft.ballots[40:], extra], key=leaf_of)
    draft.body("CLOSE", 1)["count"] += 1
    draft.rehead()


def double_a_receipt(draft: Draft) -> None:
    draft.ballots[41]["receipt"] = draft.ballots[42]["receipt"]
    draft.ballots[40:] = sorted(draft.ballots[40:], key=leaf_of)
    draft.rehead()


def reorder_the_box(draft: Draft) -> None:
    draft.ballots[0], draft.ballots[1] = draft.ballots[1], draft.ballots[0]
    draft.rehead()


def change_a_salt(draft: Draft) -> None:
    draft.ballots[5]["salt"] = "0" * 32


def forge_a_count(draft: Draft) -> None:
    draft.body("CHECKPOINT")["count"] = 21


def checkpoint_too_small(draft: Draft) -> None:
    draft.body("CHECKPOINT", 1)["count"] = 25


def close_with_fewer(draft: Draft) -> None:
    draft.body("CLOSE", 1)["count"] = 49


def relog_spent(draft: Draft) -> None:
    draft.body("SEAL", 1)["spent"] = codes_hash(draft.spent, "vote")


def spend_fewer(draft: Draft) -> None:
    draft.spent.pop()
    relog_spent(draft)


def spend_a_stranger(draft: Draft) -> None:
    code = draft.spent.pop()
    draft.spent.append(CodeLine(round="vote", class_id=code.class_id, hash="f" * 64))
    relog_spent(draft)


def move_a_code_to_another_class(draft: Draft) -> None:
    draft.register.append(CodeLine(round="vote", class_id="member", hash="e" * 64))


def hands_confirmed_by_one(draft: Draft) -> None:
    said = {"round": "vote", "channel": "hands", "class": "guest", "counts": {}, "by": ["Ann", "Ann "]}
    draft.log.insert(draft.place("CLOSE", 1), ("CHANNEL", said))


def hands_that_are_not_in_the_box(draft: Draft) -> None:
    said: Json = {"round": "vote", "channel": "hands", "class": "guest", "by": ["Ann", "Bo"]}
    draft.log.insert(draft.place("CLOSE", 1), ("CHANNEL", said | {"counts": {'[["c"]]': 3}}))


def vote_by_another_channel(draft: Draft) -> None:
    draft.ballots[45]["channel"] = "device"
    draft.ballots[40:] = sorted(draft.ballots[40:], key=leaf_of)
    draft.rehead()


def vote_for_an_unlisted_candidate(draft: Draft) -> None:
    ballot(draft)["choices"] = [["a"]]


def vote_for_two(draft: Draft) -> None:
    ballot(draft)["choices"] = [["c", "d"]]


def rank_on_a_single_ballot(draft: Draft) -> None:
    ballot(draft)["choices"] = [["d"], ["c"]]


def leave_out_a_sheet(draft: Draft) -> None:
    draft.sheets.pop()


def leave_out_a_sheet_and_forge_the_box(draft: Draft) -> None:
    draft.sheets.pop()
    draft.body("CLOSE", 0)["count"] = 4
    draft.rehead("jury")


def change_a_mark(draft: Draft) -> None:
    draft.sheets[0]["marks"]["d"]["idea"] = 10


def mark_off_the_scale(draft: Draft) -> None:
    draft.sheets[0]["marks"]["d"]["idea"] = 11
    draft.sheets.sort(key=leaf_of)
    draft.rehead("jury")


def judge_twice(draft: Draft) -> None:
    draft.sheets[0]["juror"] = draft.sheets[1]["juror"]
    draft.sheets.sort(key=leaf_of)
    draft.rehead("jury")


def recuse_without_a_reason_class(draft: Draft) -> None:
    draft.sheets[0]["recused"] = {"a": "dislike"}
    draft.sheets.sort(key=leaf_of)
    draft.rehead("jury")


BOX_LIES: list[tuple[Callable[[Draft], None], str]] = [
    (flip_a_choice, "the root of the first"),
    (flip_and_forge_roots, "rounds, vote, figures, c: the record says"),
    (drop_a_ballot, "1 ballots of the closed box are missing"),
    (add_a_ballot_after_the_close, "1 ballots were added after the close"),
    (add_a_ballot_and_forge_the_box, "used codes, but"),
    (double_a_receipt, "the receipt comes twice"),
    (reorder_the_box, "not sorted by their hashes"),
    (change_a_salt, "the root of the first 20"),
    (forge_a_count, "the root of the first 21"),
    (checkpoint_too_small, "at least 20 new ones make a checkpoint"),
    (close_with_fewer, "1 ballots were added after the close"),
    (spend_fewer, "used codes, but"),
    (spend_a_stranger, "1 used codes are not in the register"),
    (move_a_code_to_another_class, "register.txt is not what was logged"),
    (hands_confirmed_by_one, "two different people must confirm it"),
    (hands_that_are_not_in_the_box, "not the confirmed counts"),
    (vote_by_another_channel, "the channel device is not open"),
    (vote_for_an_unlisted_candidate, "names a, who does not stand in this round"),
    (vote_for_two, "names 2, the rules allow 1 to 1"),
    (rank_on_a_single_ballot, "does not have the form single"),
    (leave_out_a_sheet, "of the closed box are missing"),
    (leave_out_a_sheet_and_forge_the_box, "rounds, jury, ballots: the record says 5, the recount gives 4"),
    (change_a_mark, "the root of the first 5"),
    (mark_off_the_scale, "the mark 11 for idea is not on the scale"),
    (judge_twice, "or a second sheet"),
    (recuse_without_a_reason_class, "unknown reason for keeping out"),
]
"""Each with what the recount says of it."""
