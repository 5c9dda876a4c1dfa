"""The key that signs the heads of award logs: Ed25519 (RFC 8032), a file in the data folder."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.keyfile import make_key_file
from voting.record.log import HEADS, LogEntry, signed

KEY_BYTES = 32


class RecordKey:
    """Signs heads; `public` is the key to check them with, 64 hexadecimal digits, as key.txt holds it."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw().hex()

    @classmethod
    def load(cls, path: Path) -> "RecordKey":
        """The key of a data folder; makes the file (mode 0600) the first time.

        Raises PermissionError when somebody else could read the file or it is damaged. A lost key cannot
        be made again: heads that it signed stay valid, later ones need a new record.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            make_key_file(path, Ed25519PrivateKey.generate().private_bytes_raw())
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} can be read by others; run: chmod 600 {path}")
        seed = path.read_bytes()
        if len(seed) != KEY_BYTES:
            raise PermissionError(f"{path} is damaged: {KEY_BYTES} bytes expected, {len(seed)} found")
        return cls(seed)

    def sign(self, entry: LogEntry) -> LogEntry:
        """The entry with its signature when it is a head, else as it is."""
        if entry.type not in HEADS:
            return entry
        return signed(entry, self._key.sign(bytes.fromhex(entry.hash)).hex())


def is_signed(entry: LogEntry, public: str) -> bool:
    """Whether a head's signature is valid for a public key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(entry.sig), bytes.fromhex(entry.hash))
    except (InvalidSignature, ValueError):
        return False
    return True
