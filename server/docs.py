"""Writes the documents that are made from code: `python -m server.docs`, with --check to compare only.

docs/protocol.md and static/wire.schema.json come from server/wire.py, docs/keyspace.md from
server/keys.py, docs/states.md from polls/lifecycle.py and
polls/award/acts.py, config.yaml from server/settings.py.
"""

import inspect
import json
import sys
from pathlib import Path
from typing import get_args

import msgspec

from polls.award.acts import ACTS, ROUNDS, Act
from polls.lifecycle import TABLE
from server import keydocs, wire
from server.errors import Close
from server.settings import default_yaml

ROOT = Path(__file__).parent.parent
NOTE = "<!-- Made by `make docs`; do not edit. -->\n"


def protocol() -> str:
    """The wire protocol as a page."""
    lines = [NOTE, f"# Wire protocol, version {wire.VERSION}\n", inspect.getdoc(wire) or "", ""]
    lines.append(
        f"WebSocket subprotocol `{wire.SUBPROTOCOL}`. Phones: `/ws/<event>/phone?lang=`. Stages: "
        "`/ws/<event>/stage?room=&lang=&theme=`. Consoles: `/ws/<event>/console`. Pages of "
        "an award: `/ws/<event>/award?award=&lang=`. "
        "The JSON Schema of every frame is `static/wire.schema.json`.\n"
    )
    for title, union in (
        ("From client to server", wire.ClientFrame),
        ("From server to client", wire.ServerFrame),
    ):
        lines.append(f"## {title}\n")
        for frame in get_args(union):
            lines += _frame(frame)
    lines.append("## Parts of frames\n")
    for part in (wire.Own, wire.Card):
        lines += _frame(part)
    lines += ["## Close codes\n", "| code | name |", "|---|---|"]
    lines += [f"| {code.value} | {code.name.lower()} |" for code in Close]
    lines.append("\nCodes from 4000 to 4499 ask to reconnect, those from 4500 to 4999 not to.")
    return "\n".join(lines) + "\n"


def _frame(frame: type[msgspec.Struct]) -> list[str]:
    tag = frame.__struct_config__.tag
    doc = " ".join((inspect.getdoc(frame) or "").split())
    lines = [f"### {tag or frame.__name__}\n", doc, "", "| field | type | default |", "|---|---|---|"]
    for one in msgspec.structs.fields(frame):
        default = "" if one.required else f"`{json.dumps(one.default)}`"
        lines.append(f"| `{one.encode_name}` | {_type(one.type)} | {default} |")
    return [*lines, ""]


def _type(annotation: object) -> str:
    schema = msgspec.json.schema(annotation, ref_template="#{name}")
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix("#")
    if "anyOf" in schema:
        return " or ".join(
            str(one.get("type") or one.get("$ref", "")).removeprefix("#") for one in schema["anyOf"]
        )
    if schema.get("type") == "array":
        items = schema.get("items", {})
        return f"list of {str(items.get('$ref', '')).removeprefix('#') or items.get('type', 'anything')}"
    limits = ", ".join(
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "from"),
            ("maximum", "to"),
            ("minLength", "at least"),
            ("maxLength", "at most"),
        )
        if key in schema
    )
    name = str(schema.get("type", "anything"))
    return f"{name} ({limits})" if limits else name


def states() -> str:
    """The lives of polls and awards as a page."""
    lines = [
        NOTE,
        "# A poll's life\n",
        "The table that decides is `TABLE` in `polls/lifecycle.py`.\n",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> draft",
    ]
    lines += [f"    {state} --> {target}: {action}" for (state, action), target in TABLE.items()]
    lines += [
        "```\n",
        "# An award's life\n",
        "The tables that decide are `ROUNDS` and `ACTS` in `polls/award/acts.py`. A round:\n",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> waiting",
    ]
    lines += [f"    {state} --> {target}: {act}" for (state, act), target in ROUNDS.items()]
    lines += ["```\n", "What may be done in each phase of an award:\n", "| phase | acts |", "|---|---|"]
    lines += [f"| {phase} | {', '.join(act for act in Act if act in acts)} |" for phase, acts in ACTS.items()]
    return "\n".join(lines) + "\n"


def made() -> dict[Path, str]:
    """Every made file and its content."""
    return {
        ROOT / "docs" / "protocol.md": protocol(),
        ROOT / "docs" / "keyspace.md": keydocs.render(),
        ROOT / "docs" / "states.md": states(),
        ROOT / "static" / "wire.schema.json": json.dumps(wire.json_schema(), indent=1) + "\n",
        ROOT / "config.yaml": default_yaml(),
    }


def main() -> int:
    """Write the files, or with --check name those that are not in step and end with 1."""
    stale = [
        path for path, content in made().items() if not path.is_file() or path.read_text("utf-8") != content
    ]
    if "--check" not in sys.argv:
        for path in stale:
            path.write_text(made()[path], encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not in step with the code; run: make docs", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
