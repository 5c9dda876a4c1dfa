"""Where events and ballots are kept: adapters of the ports, and the private Valkey."""
