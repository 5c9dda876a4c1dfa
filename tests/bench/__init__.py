"""How fast the live path is, against what the kernel, other servers and hand-made stacks do on this machine.

`python -m tests.bench` (make bench) measures everything, `--quick` (make bench-quick) in under two minutes.
Every figure is a ratio between two programs that ran in turn on the same two cores, the server on the
first, the load on the second. docs/performance.md says how to read it.
"""
