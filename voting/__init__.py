"""How it is answered and counted: ballots, rolls, tallies, results, audit. Pure and exact."""
