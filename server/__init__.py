"""Everything that touches the world: web, sockets, store, files, clock and command line."""
