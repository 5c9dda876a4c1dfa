"""`python -m server`: the same as the command `hemicycle`."""

from server.cli import main

main(prog_name="hemicycle")
