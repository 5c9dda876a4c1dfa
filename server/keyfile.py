"""How a key file comes into being: whole or not at all, once."""

import contextlib
import os
from pathlib import Path


def make_key_file(path: Path, key: bytes) -> None:
    """Make a key file (mode 0600) unless it is there already.

    Written whole under another name first: two processes that start together agree on one key, and a crash
    leaves no part of one.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(part, path)
    part.unlink()
