"""An event as plain data for an event file; whatever is the default is left out."""

from collections import Counter

from polls.eventfile.agenda import session_id
from polls.eventfile.award_write import dump_award, text_data
from polls.eventfile.read import FORMAT_VERSION, days_of
from polls.joincode import derive, spaced
from polls.model import (
    EACH,
    Event,
    Option,
    OptionOrder,
    Poll,
    PollKind,
    Published,
    ResultsMode,
    Scale,
    Session,
)


def dump_event(event: Event) -> dict[str, object]:
    """Plain data (dict, list, str, int, bool) such that `parse_event(dump_event(event)) == event`.

    Holds for every event that parse_event can give. Days and times are texts. That an event is a
    rehearsal is not part of a file and is left out.
    """
    data: dict[str, object] = {
        "hemicycle": FORMAT_VERSION,
        "id": event.id,
        "title": text_data(event.title),
        "days": {"first": event.first_day.isoformat(), "last": event.last_day.isoformat()},
        "timezone": event.timezone,
    }
    if event.languages != ("en",):
        data["languages"] = list(event.languages)
    if event.places:
        data["places"] = list(event.places)
    if event.organiser:
        data["organiser"] = text_data(event.organiser)
    if event.join_code != derive(event.id):
        data["join_code"] = spaced(event.join_code)
    min_group = usual_min_group(event)
    if min_group is not None:
        # Written even when it is the default, since another server may have another default.
        data["min_group"] = min_group
    if event.segments:
        data["segments"] = [{"id": s.id, "name": text_data(s.text)} for s in event.segments]
    if event.rooms:
        data["rooms"] = [{"id": r.id, "name": text_data(r.text)} for r in event.rooms]
    if event.sessions:
        data["agenda"] = [_session(event, session, min_group) for session in event.sessions]
    if event.awards:
        data["awards"] = [dump_award(award) for award in event.awards]
    return data


def usual_min_group(event: Event) -> int | None:
    """The min_group most polls have (of several the smallest); None without polls."""
    counts = Counter(poll.min_group for _, poll in event.polls())
    return min(counts, key=lambda size: (-counts[size], size)) if counts else None


def _session(event: Event, session: Session, min_group: int | None) -> dict[str, object]:
    data: dict[str, object] = {}
    if session.id != session_id(days_of(event), session.starts, session.room):
        data["id"] = session.id
    data["title"] = text_data(session.title)
    data["day"] = session.starts.date().isoformat()
    data["time"] = f"{session.starts:%H:%M}-{session.ends:%H:%M}"
    if session.room:
        data["room"] = session.room
    if session.polls:
        data["polls"] = [_poll(poll, min_group) for poll in session.polls]
    return data


def _poll(poll: Poll, min_group: int | None) -> dict[str, object]:
    data: dict[str, object] = {"id": poll.id, "kind": poll.kind.value, "question": text_data(poll.question)}
    if poll.note:
        data["note"] = text_data(poll.note)
    if poll.scale:
        data["scale"] = _scale(poll.scale)
    else:
        data["options"] = [_option(option, number) for number, option in enumerate(poll.options, 1)]
    if poll.kind not in (PollKind.SINGLE, PollKind.RATING) and poll.max_selections < len(poll.options):
        data["max"] = poll.max_selections
    if poll.kind is PollKind.PREFERENCE:
        # Written even when it is the default: how people's orders become a result is worth reading.
        data["method"] = poll.method
        if poll.ties:
            data["ties"] = True
        if poll.unranked != "zero":
            data["unranked"] = poll.unranked
    if poll.segments:
        data["segments"] = list(poll.segments)
    if poll.beside:
        data["side_by_side"] = True if poll.beside == (EACH,) else list(poll.beside)
    if poll.order is not OptionOrder.FIXED:
        data["order"] = poll.order.value
    if poll.abstain:
        data["abstain"] = True
    if poll.people:
        data["people"] = True
    if poll.results is not (ResultsMode.HIDDEN if poll.people else ResultsMode.LIVE):
        data["results"] = poll.results.value
    if poll.countdown_s is not None:
        data["countdown"] = poll.countdown_s
    if poll.min_group != min_group:
        data["min_group"] = poll.min_group
    if poll.published is not None:
        data["published"] = _published(poll.published, poll)
    return data


def _option(option: Option, number: int) -> object:
    if option.id == str(number) and option.detail is None:
        return text_data(option.text)
    data: dict[str, object] = {} if option.id == str(number) else {"id": option.id}
    data["text"] = text_data(option.text)
    if option.detail:
        data["detail"] = text_data(option.detail)
    return data


def _scale(scale: Scale) -> dict[str, object]:
    data: dict[str, object] = {"from": scale.low, "to": scale.high}
    if scale.low_label or scale.high_label:
        data["labels"] = [
            text_data(label) if label else None for label in (scale.low_label, scale.high_label)
        ]
    return data


def _published(published: Published, poll: Poll) -> dict[str, object]:
    data: dict[str, object] = {}
    if published.percent:
        in_paper_order = tuple(option_id for option_id, _ in published.percent) == poll.option_ids
        data["percent"] = (
            [share for _, share in published.percent] if in_paper_order else dict(published.percent)
        )
    if published.order:
        data["order"] = list(published.order)
    if published.not_selected:
        data["not_selected"] = list(published.not_selected)
    return data
