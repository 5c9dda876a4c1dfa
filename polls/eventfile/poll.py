"""Polls in an event file: question, options or scale, who answers, how it is shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from polls.eventfile import fields
from polls.eventfile.parts import HUGE, Part, describe, nearest
from polls.model import (
    EACH,
    PREFERENCE_METHODS,
    UNRANKED_RULES,
    Option,
    OptionId,
    OptionOrder,
    Poll,
    PollId,
    PollKind,
    Published,
    ResultsMode,
    Scale,
    SegmentId,
    Text,
)

QUESTION_MAX, NOTE_MAX, OPTION_MAX, LABEL_MAX = 300, 500, 200, 60
OPTIONS_MIN, OPTIONS_MAX = 2, 50
SCALE_LOW, SCALE_HIGH, SCALE_POINTS = 0, 100, 11
COUNTDOWN_MIN_S, COUNTDOWN_MAX_S = 5, 3600
MIN_GROUP_MIN, MIN_GROUP_MAX = 1, 1000

REQUIRED = ("id", "kind", "question")
_SHARED = ("note", "segments", "side_by_side", "abstain", "results", "people")
_RANKING = ("method", "ties", "unranked")
OPTIONAL = (*_SHARED, "options", "max", "order", "countdown", "scale", "min_group", "published", *_RANKING)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the head of the file declares and polls refer to; `polls` are the ids met so far."""

    languages: Sequence[str]
    segments: Collection[str]
    min_group: int
    polls: set[str] = field(default_factory=set)


def read_poll(part: Part, declared: Declared) -> Poll | None:
    """One poll; None when it has faults."""
    before = len(part.faults)
    parts = part.keys(REQUIRED, OPTIONAL)
    poll_id = fields.new_id(parts["id"], declared.polls, "poll") if "id" in parts else None
    if poll_id is not None:
        declared.polls.add(poll_id)
    kind = fields.word(parts["kind"], PollKind) if "kind" in parts else None
    texts: dict[str, Text | None] = {
        key: fields.text(parts[key], limit, declared.languages)
        for key, limit in (("question", QUESTION_MAX), ("note", NOTE_MAX))
        if key in parts
    }
    flags = {key: fields.flag(parts[key]) for key in ("abstain", "people") if key in parts}
    segments = _segments(parts["segments"], declared.segments) if "segments" in parts else ()
    beside = _beside(parts["side_by_side"], segments, declared) if "side_by_side" in parts else ()
    results = fields.word(parts["results"], ResultsMode) if "results" in parts else None
    if results is None:
        results = ResultsMode.HIDDEN if flags.get("people") else ResultsMode.LIVE
    order = fields.word(parts["order"], OptionOrder) if "order" in parts else OptionOrder.FIXED
    countdown = (
        fields.seconds(parts["countdown"], COUNTDOWN_MIN_S, COUNTDOWN_MAX_S) if "countdown" in parts else None
    )
    min_group = (
        fields.whole(parts["min_group"], MIN_GROUP_MIN, MIN_GROUP_MAX)
        if "min_group" in parts
        else declared.min_group
    )
    scale = None
    if kind is PollKind.RATING:
        for key in ("options", "max", "order"):
            if key in parts:
                parts[key].fault("a rating poll has no such key; its options are the points of its scale")
        scale, options = _scale(part, parts, declared.languages)
    else:
        options = _options(part, parts, declared.languages)
        if kind is not None and "scale" in parts:
            parts["scale"].fault(f"only a rating poll has a scale; this one is of kind {kind}")
    most = _max(parts.get("max"), kind, len(options))
    method, ties, unranked = _ranking(parts, kind)
    published = _published(parts["published"], options) if "published" in parts and options else None
    question = texts.get("question")
    if len(part.faults) > before or not (poll_id and kind and question and order and min_group):
        return None
    return Poll(
        id=PollId(poll_id),
        kind=kind,
        question=question,
        options=options,
        note=texts.get("note"),
        max_selections=most,
        segments=segments,
        beside=beside,
        order=order,
        abstain=bool(flags.get("abstain")),
        results=results,
        people=bool(flags.get("people")),
        countdown_s=countdown,
        scale=scale,
        min_group=min_group,
        published=published,
        method=method,
        ties=ties,
        unranked=unranked,
    )


def _ranking(parts: Mapping[str, Part], kind: PollKind | None) -> tuple[str, bool, str]:
    """How a preference poll is counted, whether its ballots may hold ties, what Borda gives the unranked."""
    if kind is not PollKind.PREFERENCE:
        for key in _RANKING:
            if kind is not None and key in parts:
                parts[key].fault(f"only a preference poll has such a key; this one is of kind {kind}")
        return "borda", False, "zero"
    method = fields.one_of(parts["method"], PREFERENCE_METHODS) if "method" in parts else "borda"
    if "unranked" in parts and method is not None and method != "borda":
        parts["unranked"].fault(f"only the method borda reads this key; this poll is counted by {method}")
    unranked = fields.one_of(parts["unranked"], UNRANKED_RULES) if "unranked" in parts else "zero"
    ties = fields.flag(parts["ties"]) if "ties" in parts else False
    return method or "borda", bool(ties), unranked or "zero"


def _segments(part: Part, known: Collection[str]) -> tuple[SegmentId, ...]:
    found: list[SegmentId] = []
    for item in part.items("segment ids", 1, max(len(known), 1)):
        segment = fields.known_id(item, known, "segment")
        if segment is not None and segment in found:
            item.fault(f"“{segment}” is named twice")
        elif segment is not None:
            found.append(SegmentId(segment))
    return tuple(found)


def _beside(part: Part, segments: Sequence[SegmentId], declared: Declared) -> tuple[SegmentId, ...]:
    """The groups of a poll that only `segments` may answer (none: everyone): each one, or those named."""
    if isinstance(part.value, bool):
        if part.value and len(segments or declared.segments) < 2:
            part.fault("expected at least two segments whose results can stand side by side")
        return (EACH,) if part.value else ()
    if not isinstance(part.value, list):
        part.expected("true, false or a list of segment ids")
        return ()
    named = _segments(part, declared.segments)
    for segment in named:
        if segments and segment not in segments:
            part.fault(f"“{segment}” may not answer this poll; expected some of its segments")
    if len(named) == 1 and named == tuple(segments):
        part.fault(f"expected others to compare with; only “{named[0]}” may answer this poll")
    return named


def _max(part: Part | None, kind: PollKind | None, options: int) -> int:
    """How many options one ballot may choose: one, or as many as there are unless the file says less."""
    if kind is None or not options:
        return 1
    if kind in (PollKind.SINGLE, PollKind.RATING):
        if part is not None and kind is PollKind.SINGLE and part.value != 1:
            part.expected("no max, since a single choice is one; for more use kind: multiple")
        return 1
    return options if part is None else fields.whole(part, 1, options) or 1


def _options(part: Part, parts: Mapping[str, Part], languages: Sequence[str]) -> tuple[Option, ...]:
    """The options, or none at all when one of them has a fault."""
    if "options" not in parts:
        if "kind" in parts and "scale" not in parts:
            Part(None, (*part.path, "options"), part.faults).fault("is missing; expected a list of options")
        return ()
    options: list[Option] = []
    seen: dict[tuple[str, str, str], int] = {}
    items = parts["options"].items("options", OPTIONS_MIN, OPTIONS_MAX)
    for number, item in enumerate(items, 1):
        option = _option(item, number, {o.id for o in options}, languages)
        if option is None:
            continue
        options.append(option)
        for tag in languages:
            look = (tag, option.text.pick(tag), option.detail.pick(tag) if option.detail else "")
            if (first := seen.setdefault(look, number)) != number:
                item.fault(f"expected another text; option {first} reads the same")
                break
    return tuple(options) if len(options) == len(items) else ()


def _option(item: Part, number: int, taken: Collection[str], languages: Sequence[str]) -> Option | None:
    value = item.value
    # {id: Ya, en: Yes} is a text when Indonesian is one of the languages; {text: …} never is.
    if not isinstance(value, dict) or ("text" not in value and all(key in languages for key in value)):
        text, detail, chosen = fields.text(item, OPTION_MAX, languages), None, None
    else:
        parts = item.keys(("text",), ("id", "detail"))
        text = fields.text(parts["text"], OPTION_MAX, languages) if "text" in parts else None
        detail = fields.text(parts["detail"], OPTION_MAX, languages) if "detail" in parts else None
        chosen = parts.get("id")
    if chosen is not None:
        option_id = fields.new_id(chosen, taken, "option of this poll")
    elif (option_id := str(number)) in taken:
        item.fault(f"expected an id, since “{number}”, its place, is the id of another option")
        option_id = None
    if option_id is None or text is None:
        return None
    return Option(id=OptionId(option_id), text=text, detail=detail)


def _scale(
    part: Part, parts: Mapping[str, Part], languages: Sequence[str]
) -> tuple[Scale | None, tuple[Option, ...]]:
    if "scale" not in parts:
        missing = Part(None, (*part.path, "scale"), part.faults)
        missing.fault("is missing; expected a scale such as {from: 1, to: 5}")
        return None, ()
    inner = parts["scale"].keys(("from", "to"), ("labels",))
    ends = [fields.whole(inner[key], SCALE_LOW, SCALE_HIGH) for key in ("from", "to") if key in inner]
    labels: list[Text | None] = [None, None]
    if "labels" in inner:
        items = inner["labels"].items("labels, for the low and the high end,", 2, 2)
        for place, item in enumerate(items):
            labels[place] = None if item.value is None else fields.text(item, LABEL_MAX, languages)
    if len(ends) < 2 or ends[0] is None or ends[1] is None:
        return None, ()
    low, high = ends[0], ends[1]
    if not low < high < low + SCALE_POINTS:
        parts["scale"].fault(f"expected a scale of 2 to {SCALE_POINTS} points, found from {low} to {high}")
        return None, ()
    scale = Scale(low=low, high=high, low_label=labels[0], high_label=labels[1])
    return scale, scale_options(scale)


def scale_options(scale: Scale) -> tuple[Option, ...]:
    """The options of a rating poll: the points of the scale, named by their numbers."""
    return tuple(Option(id=OptionId(str(n)), text=Text.plain(str(n))) for n in scale.points())


def _published(part: Part, options: Sequence[Option]) -> Published:
    parts = part.keys((), ("percent", "order", "not_selected"))
    percent = _percent(parts["percent"], options) if "percent" in parts else ()
    order = _references(parts["order"], options) if "order" in parts else ()
    unused = _references(parts["not_selected"], options) if "not_selected" in parts else ()
    for option_id in unused:
        if option_id in order or dict(percent).get(option_id):
            parts["not_selected"].fault(f"option “{option_id}” cannot be both not selected and placed")
    return Published(percent=percent, order=order, not_selected=unused)


def _percent(part: Part, options: Sequence[Option]) -> tuple[tuple[OptionId, int], ...]:
    """Whole percentages: a list with one for each option, or option by option."""
    found: dict[OptionId, int] = {}
    if isinstance(part.value, list):
        pairs = zip(options, part.items("percentages", len(options), len(options)), strict=False)
        for option, item in pairs:
            if (share := fields.whole(item, 0, 100)) is not None:
                found[option.id] = share
        return tuple(found.items())
    if not isinstance(part.value, dict):
        part.expected("a list with one percentage for each option, or options with percentages")
        return ()
    for key, value in part.value.items():
        item = part.child(key, value)
        option_id, share = _reference(item, key, options), fields.whole(item, 0, 100)
        if option_id in found:
            item.fault("this option is named twice")
        elif option_id is not None and share is not None:
            found[option_id] = share
    return tuple(found.items())


def _references(part: Part, options: Sequence[Option]) -> tuple[OptionId, ...]:
    found: list[OptionId] = []
    for item in part.items("options", 1, len(options)):
        option_id = _reference(item, item.value, options)
        if option_id is not None and option_id in found:
            item.fault("this option is named twice")
        elif option_id is not None:
            found.append(option_id)
    return tuple(found)


def _reference(part: Part, value: object, options: Sequence[Option]) -> OptionId | None:
    """An option by its id, else by its text in any language."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < HUGE:
        value = str(value)
    if not isinstance(value, str):
        part.fault(f"expected the id or the text of an option, found {describe(value)}")
        return None
    for option in options:
        if option.id == value:
            return option.id
    named = [o for o in options if value.strip() in (said for _, said in o.text.variants)]
    if len(named) == 1:
        return named[0].id
    if named:
        part.fault(f"several options read “{value[:60]}”; expected the id of one")
        return None
    known = [*(o.id for o in options), *(said for o in options for _, said in o.text.variants)]
    part.fault(
        f"“{value[:60]}” is neither the id nor the text of an option; {nearest(value[:OPTION_MAX], known)}"
    )
    return None
