"""`make mutants`: how many of the faults put into the counting the tests notice, by module.

mutmut makes the faults and runs the tests (pyproject.toml, [tool.mutmut]); this adds up what it found, names
the faults that lived, and fails when a package has less than its promise.
"""

import subprocess
import sys
from collections import Counter, defaultdict

PROMISED = {"voting.tally": 95}
"""Percent of the faults noticed, at least."""

NOTICED = {"killed", "timeout", "suspicious", "segfault", "caught by type check"}


def main(wanted: list[str]) -> int:
    """Run mutmut on the wanted names (glob patterns; all by default) and print the score."""
    run = subprocess.run([sys.executable, "-m", "mutmut", "run", *wanted], check=False)
    if run.returncode:
        return run.returncode
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return report([line.strip() for line in listed.splitlines() if ": " in line])


def report(lines: list[str]) -> int:
    """Print the score of each module from lines such as "voting.ties.x_places__mutmut_1: killed"."""
    found: dict[str, Counter[bool]] = defaultdict(Counter)
    for line in lines:
        name, _, status = line.rpartition(": ")
        if status == "not checked":
            continue
        module = name.rpartition(".")[0]
        package = ".".join(module.split(".")[:2])
        for group in {module, package}:
            found[group][status in NOTICED] += 1
        if status not in NOTICED:
            print(f"lives: {name} ({status})")
    failed = False
    for group, numbers in sorted(found.items()):
        noticed, made = numbers[True], numbers.total()
        short = 100 * noticed < PROMISED.get(group, 0) * made
        failed |= short
        print(f"{group}: {noticed} of {made} noticed, {1000 * noticed // made / 10} %", "TOO FEW" * short)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
