"""Event files: plain data (what a YAML 1.2 reader gives) to `Event` and back.

The manual is docs/event-file.md.

parts.py    one value of the file and its place; every fault is collected
fields.py   texts, ids, numbers, days and times
agenda.py   days, sessions and the shorthand for parallel rooms
poll.py     polls, options, scales and published figures
award.py    awards: candidates, decision, scrutineers; award_rounds.py: juries and votes; award_write.py
read.py     the whole file
write.py    the way back
"""

from polls.eventfile.read import FORMAT_VERSION, award_paths, parse_event, poll_paths
from polls.eventfile.write import dump_event

__all__ = ["FORMAT_VERSION", "award_paths", "dump_event", "parse_event", "poll_paths"]
