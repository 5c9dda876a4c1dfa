# ruff: noqa: E501 - a sentence stays on its line
"""The sentences in English about preference polls and about the rules of every count."""

from collections.abc import Mapping

from dashboard.phrase import Phrase, count

WORDS: Mapping[str, Phrase] = {
    # --- results of preference polls -----------------------------------------------------------------
    "not_ranked": "not ranked",
    "place_value": "{place} · {value}",
    "value_points": "{score} of {max}",
    "value_ahead": "ahead of {count}",
    "value_wins": "{count} of {max} wins",
    "result_preference_points": count(
        "n",
        "{option} leads with {score} of {max} mean points, {n} ballot",
        "{option} leads with {score} of {max} mean points, {n} ballots",
    ),
    "result_preference_first": count(
        "n",
        "{option} leads with {share} of first choices, {n} ballot",
        "{option} leads with {share} of first choices, {n} ballots",
    ),
    "result_preference_runoff": count(
        "total",
        "{option} has more than half in round {round}: {count} of {total} ballot",
        "{option} has more than half in round {round}: {count} of {total} ballots",
    ),
    "result_preference_pairs": count(
        "n", "{option} leads when compared two by two, {n} ballot", "{option} leads when compared two by two, {n} ballots"
    ),
    "result_preference_pair_winner": count(
        "n", "{option} is preferred to every other option, {n} ballot", "{option} is preferred to every other option, {n} ballots"
    ),
    "result_preference_no_pair_winner": count(
        "n", "No option is preferred to every other one, {n} ballot", "No option is preferred to every other one, {n} ballots"
    ),
    "result_preference_undecided": count(
        "n", "The last options are tied, nothing is decided, {n} ballot", "The last options are tied, nothing is decided, {n} ballots"
    ),
    "result_preference_shared_2": count(
        "n", "{first} and {second} share first place, {n} ballot", "{first} and {second} share first place, {n} ballots"
    ),
    "result_preference_shared_3": count(
        "n", "{first}, {second} and {third} share first place, {n} ballot", "{first}, {second} and {third} share first place, {n} ballots"
    ),
    "result_preference_shared_many": count(
        "n", "{options} options share first place, {n} ballot", "{options} options share first place, {n} ballots"
    ),
    "base_preference_borda": "mean points of at most {options}, N = {n}",
    "base_preference_dowdall": "mean points of at most 1, N = {n}",
    "base_preference_plurality": "first choices and their share of valid ballots, N = {n}",
    "base_preference_copeland": "wins minus losses two by two, N = {n}",
    "base_preference_minimax-winning": "votes against in the worst defeat, fewest first, N = {n}",
    "base_preference_minimax-margins": "margin of the worst defeat, smallest first, N = {n}",
    "base_preference_schulze-winning": "number of options that each is ahead of, N = {n}",
    "base_preference_schulze-margins": "number of options that each is ahead of, N = {n}",
    "base_preference_condorcet": "wins two by two, N = {n}",
    "base_preference_irv": "ballots in the last round of each option, N = {n}",
    "base_beside_preference": "each group's ballots by {rule}; everyone: N = {n}",
    "base_flow": "ballots in each round, N = {n}",
    "base_compare": "the same ballots by three rules, N = {n}; in blue who leads by the rule of this poll",
    "rounding_two_decimals": "The points are exact fractions; two decimals are shown.",
    "rounding_whole": "All figures are whole numbers.",
    # --- names of rules, as they stand after "by" ------------------------------------------------------
    "rule_borda": "mean points",
    "rule_dowdall": "Dowdall points",
    "rule_plurality": "first choices",
    "rule_copeland": "wins minus losses",
    "rule_minimax-winning": "smallest worst defeat",
    "rule_minimax-margins": "smallest worst margin",
    "rule_schulze-winning": "strongest paths",
    "rule_schulze-margins": "strongest paths by margins",
    "rule_condorcet": "pairs",
    "rule_irv": "instant runoff",
    "rule_title_borda": "Mean points of {options}",
    "rule_title_plurality": "First choices",
    "rule_title_condorcet": "Wins two by two",
    "rule_own": "the rule of this poll",
    # --- the same ballots by other rules ---------------------------------------------------------------
    "compare_same": "By mean points, by first choices and two by two, {leader} leads.",
    "compare_same_but_pairs": "By mean points and by first choices, {leader} leads. No option is preferred to every other one.",
    "compare_one": "By {rule} {option} would lead, by {own} {leader} leads.",
    "compare_two": "By {rule} {option} would lead, by {rule_2} {option_2} would, by {own} {leader} leads.",
    "compare_three": "By {rule} {option} would lead, by {rule_2} {option_2} would, by {rule_3} {option_3} would, by {own} {leader} leads.",
    "compare_no_pair": "No option is preferred to every other one.",
    "compare_no_leader": "Nobody leads by {own}.",
    "names_2": "{first} and {second}",
    "names_many": count("n", "{n} option together", "{n} options together"),
    # --- a runoff, round by round ------------------------------------------------------------------------
    "flow_round": "Round {n}",
    "flow_last_round": "Last round",
    "flow_exhausted": "no choice left",
    "flow_gained": "+{n}",
    "flow_out": "out",
    "flow_half": "+ came from those who left. Dotted line: more than half of the ballots that still count.",
    "flow_left": "Round {n}: {option} leaves with {count} of {total} ballots.",
    "flow_left_together": "Round {n}: {names} leave together.",
    "flow_won": "Round {n}: {option} has more than half, {count} of {total} ballots.",
    "flow_tied": "Round {n}: {names} are tied, and nothing is decided.",
    "flow_skipped": count("n", "{n} round between is in the table.", "{n} rounds between are in the table."),
    "tie_previous-rounds": "Round {n}: {names} were tied for last. {out} had fewer ballots in round {before}.",
    "tie_first-preferences": "Round {n}: {names} were tied for last. {out} had fewer first choices.",
    "tie_together": "Round {n}: {names} were tied for last. Together they had fewer ballots than the next one.",
    "tie_undecided": "Round {n}: {names} were tied for last, and no rule parts them.",
    # --- how it is counted: one sentence for each rule of the rulebook -----------------------------------
    "rules_fingerprint": "Fingerprint of these rules (SHA-256): {hash}",
    "rules_single": "Each person chooses one of {options} options. Most votes lead.",
    "rules_multiple": "Each person chooses up to {max} of {options} options. Most votes lead.",
    "rules_ranked-by-selection": "Each person chooses up to {max} of {options} options. They stand in the order of how often they were selected.",
    "rules_rating": "Each person gives one number from {low} to {high}. The mean is an exact fraction.",
    "rules_rank_all": "Each person puts {options} options in order, all of them or only the first ones.",
    "rules_rank_some": "Each person puts up to {max} of {options} options in order.",
    "rules_method_borda": "Of {options} options the first on a ballot gets {options} points, each next one a point less. Most points lead.",
    "rules_method_dowdall": "The first on a ballot gets 1 point, the second 1/2, the third 1/3 and so on. Most points lead.",
    "rules_method_plurality": "Only first choices count. The option with most of them leads.",
    "rules_method_copeland": "Any two options are compared by how many ballots prefer the one to the other. Most wins minus losses lead.",
    "rules_method_minimax-winning": "Any two options are compared. The option leads whose worst defeat has the fewest votes against it.",
    "rules_method_minimax-margins": "Any two options are compared. The option leads whose worst defeat has the smallest margin.",
    "rules_method_schulze-winning": "Any two options are compared. The option leads that has the stronger path of wins to each other one, measured in votes (Schulze).",
    "rules_method_schulze-margins": "Any two options are compared. The option leads that has the stronger path of wins to each other one, measured in margins (Schulze).",
    "rules_method_condorcet": "Any two options are compared. An option that beats every other one wins; without one nothing is decided.",
    "rules_method_irv": "Each ballot counts for its first option still in. Until one has more than half, the last one leaves and its ballots move on.",
    "rules_ties_yes": "Several options may share a place on a ballot.",
    "rules_ties_no": "Each option on a ballot has a place of its own.",
    "rules_unranked_zero": "An option that a ballot does not rank gets no points from it.",
    "rules_unranked_average": "Options that a ballot does not rank share the points that are left.",
    "rules_unranked_length": "A ballot that ranks fewer options gives fewer points: its first gets as many as it ranks. An option it does not rank gets none.",
    "rules_implicit_ranking": "An option that a ballot does not rank stands below all that it ranks.",
    "rules_overvote_onlyContinuing": "A place with several options counts for the only one of them that is still in, otherwise the ballot moves on.",
    "rules_tie_ladder": "A tie for last is settled by earlier rounds, the latest first; else the tied leave together if the next one has more than all of them. Otherwise nothing is decided.",
    "rules_places_shared": "Equal figures share a place. No tie is broken by chance.",
    "rules_base_valid": "Shares are of the valid ballots.",
    "rules_base_respondents": "Shares are of the people who chose something.",
    "rules_abstain_yes": "People can abstain. Abstentions are counted beside the valid ballots.",
    "rules_abstain_no": "There is no abstention.",
    "rules_min_group": count(
        "n",
        "A group with fewer than {n} ballot is not shown by itself.",
        "A group with fewer than {n} ballots is not shown by itself.",
    ),
    # --- steering it ----------------------------------------------------------------------------------------
    "do_compare": "Show the same ballots by other rules",
    "do_own_rule": "Show the result by this poll's rule",
    "did_compare": "Showed the same ballots by other rules: {what}",
    "did_own_rule": "Showed the result by its own rule: {what}",
    "stage_key_compare": "The same ballots by other rules, or by this poll's rule",
    "console_rules": "How this is counted",
    "organise_rules": "How each poll is counted",
    "organise_rules_why": "The rules are fixed when a poll is opened. Every result and download carries their fingerprint.",
}
