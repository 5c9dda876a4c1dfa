"""The record as a zip: the same record gives the same bytes, so that anyone can compare copies."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from dashboard.award_rules import not_promised
from voting.record.bundle import Record, files_of

RECOUNT = Path(__file__).with_name("recount.py")
STAMP = (1980, 1, 1, 0, 0, 0)
"""The moment that every file in the zip bears: the earliest one that a zip can say."""

README = """\
The record of an award: everything that is needed to count it again.

    python3 recount.py .

(or with the name of the zip instead of the dot) needs Python 3.9 or newer and nothing else. It checks the
log, its signatures, the boxes, the codes, every ballot and sheet, counts again, and compares.

rules.json      the rules, frozen before anything opened
register.txt    round, class and hash of every code that could vote
spent.txt       the same of every code that did vote
ballots.jsonl   every ballot; find your own by its receipt
sheets.jsonl    every sheet of the jury
log.jsonl       what happened, each entry chained to the one before; heads are signed
result.json     the published result
key.txt         the public key of the signatures (Ed25519)

What it shows: nobody voted twice with one code; every ballot stands as it was when a checkpoint was shown;
rules, candidates and codes did not change unseen; the result follows from the ballots by the rules.

Of a round of which only the figures are published there are leaves in place of ballots or sheets. Its box can
be checked and its figures cannot: they are taken from result.json, and recount.py says so.

What is not promised:

NOT_PROMISED
""".replace("NOT_PROMISED", "\n".join(f"- {sentence}" for sentence in not_promised("en")))


def write_record(record: Record) -> bytes:
    """The zip of a record, with recount.py and a readme; equal records give equal bytes."""
    return zip_of(
        {**files_of(record), "recount.py": RECOUNT.read_text(encoding="utf-8"), "README.txt": README}
    )


def zip_of(files: Mapping[str, str]) -> bytes:
    """A zip of texts in the order of their names, always with the same bytes for the same texts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as box:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # always as on Unix, whatever system writes it
            info.external_attr = 0o644 << 16
            box.writestr(info, files[name].encode("utf-8"), compresslevel=9)
    return buffer.getvalue()
