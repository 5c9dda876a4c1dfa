"""Lies about rules, acts and the result, told by whoever holds the key: the log is made anew around them."""

import copy
from collections.abc import Callable

from tests.server.record.builder import Draft


def swap_names(draft: Draft) -> None:
    one, other = draft.rules["candidates"][2:4]
    one["name"], other["name"] = other["name"], one["name"]


def change_a_criterion_weight(draft: Draft) -> None:
    draft.rules["rounds"][0]["criteria"][0]["weight"] = 9


def refreeze(draft: Draft) -> None:
    """The frozen rules are exchanged as well, so that only the result can give it away."""
    kind, _ = draft.log[0]
    draft.log.pop(0)
    draft.begin()
    draft.log.insert(0, draft.log.pop())
    assert draft.log[0][0] == kind


def change_a_class_weight(draft: Draft) -> None:
    draft.rules["rounds"][1]["classes"][1]["weight"] = 5
    refreeze(draft)


def change_the_quorum(draft: Draft) -> None:
    draft.rules["rounds"][0]["quorum_min"] = 5
    refreeze(draft)


def reorder_the_log(draft: Draft) -> None:
    close, seal = draft.place("CLOSE", 1), draft.place("SEAL", 1)
    draft.log[close], draft.log[seal] = draft.log[seal], draft.log[close]


def void_without_signatures(draft: Draft) -> None:
    said = {"receipt": draft.ballots[0]["receipt"], "reason": "Stuffed", "by": ["s1"]}
    draft.log.insert(draft.place("RESULT"), ("VOIDED", said))


def void_signed_twice_by_one(draft: Draft) -> None:
    said = {"receipt": draft.ballots[0]["receipt"], "reason": "Stuffed", "by": ["s1", "Scrutineer 1"]}
    draft.log.insert(draft.place("RESULT"), ("VOIDED", said))


def void_what_is_not_there(draft: Draft) -> None:
    said = {"receipt": "zzzzzzzzzzzz", "reason": "Stuffed", "by": ["s1", "s2"]}
    draft.log.insert(draft.place("RESULT"), ("VOIDED", said))


def withdraw_without_reason(draft: Draft) -> None:
    said = {"candidate": "e", "reason": " ", "by": ["s1", "s2"]}
    draft.log.insert(draft.place("RESULT"), ("WITHDRAWN", said))


def withdraw_after_the_result(draft: Draft) -> None:
    said = {"candidate": "e", "reason": "Left", "by": ["s1", "s2"]}
    draft.log.append(("WITHDRAWN", said))


def approve_by_a_stranger(draft: Draft) -> None:
    draft.body("APPROVE", 2)["scrutineer"] = "mallory"


def approve_twice_by_one(draft: Draft) -> None:
    draft.body("APPROVE", 3)["scrutineer"] = "s1"


def approve_another_box(draft: Draft) -> None:
    draft.body("APPROVE", 2)["root"] = "0" * 64


def seal_another_box(draft: Draft) -> None:
    draft.body("SEAL", 1)["root"] = "0" * 64


def change_the_shortlist(draft: Draft) -> None:
    draft.body("SEAL", 0)["admitted"] = ["b", "c", "d", "e"]


def open_before_the_jury_is_sealed(draft: Draft) -> None:
    draft.log.insert(draft.place("SEAL", 0), draft.log.pop(draft.place("OPEN", 1)))


def exchange_the_register_later(draft: Draft) -> None:
    draft.log.insert(draft.place("OPEN", 1), ("REGISTER", draft.body("REGISTER")))


def wrong_winner(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result) | {"winners": ["d"]}
    draft.relog_result()


def wrong_kind(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result) | {"kind": "shared"}
    draft.relog_result()


def wrong_percentage(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result)
    draft.result["rounds"]["vote"]["percent"]["c"] = "58"
    draft.relog_result()


def wrong_figure(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result)
    draft.result["combined"]["c"] = "1"
    draft.relog_result()


def forget_to_log_the_result(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result) | {"kind": "shared"}


def cut_the_log(draft: Draft) -> None:
    del draft.log[draft.place("RESULT") :]


def cut_the_log_before_the_seal(draft: Draft) -> None:
    del draft.log[draft.place("SEAL", 1) :]


LOG_LIES: list[tuple[Callable[[Draft], None], str]] = [
    (swap_names, "rules.json is not what was frozen"),
    (change_a_criterion_weight, "rules.json is not what was frozen"),
    (change_a_class_weight, "combined, c: the record says"),
    (change_the_quorum, "not_rated: the record says"),
    (reorder_the_log, "this cannot happen to the round as it stands"),
    (void_without_signatures, "1 scrutineers stand behind it, 2 must"),
    (void_signed_twice_by_one, "1 scrutineers stand behind it, 2 must"),
    (void_what_is_not_there, "the voided ballot zzzzzzzzzzzz is not in the box"),
    (withdraw_without_reason, "no reason is given"),
    (withdraw_after_the_result, "nothing changes after the RESULT"),
    (approve_by_a_stranger, "mallory is no scrutineer"),
    (approve_twice_by_one, "1 scrutineers approved this box, 2 must"),
    (approve_another_box, "1 scrutineers approved this box, 2 must"),
    (seal_another_box, "the box that was sealed is not the one that was closed"),
    (change_the_shortlist, "b, c, d, e went on, the recount gives c, d, e"),
    (open_before_the_jury_is_sealed, "before the round before it was sealed"),
    (exchange_the_register_later, "the register was changed after it was fixed"),
    (wrong_winner, 'winners: the record says ["d"], the recount gives ["c"]'),
    (wrong_kind, 'kind: the record says "shared", the recount gives "winner"'),
    (wrong_percentage, 'percent, c: the record says "58", the recount gives "57"'),
    (wrong_figure, 'combined, c: the record says "1"'),
    (forget_to_log_the_result, "result.json is not what was logged"),
    (cut_the_log, "the log holds no RESULT"),
    (cut_the_log_before_the_seal, "round vote was not sealed"),
]
"""Each with what the recount says of it."""
