"""The live path: sockets, batches of ballots, fan-out."""
