"""What the chair of a jury sees: how far each juror is, and sentences about closed sheets. Never a mark."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dashboard.words import say
from polls.award.life import AwardRun, standing
from polls.award.model import Award, JuryRound
from voting.award.ports import Progress
from voting.jury.diagnose import Diagnosis, ScaleUse


@dataclass(frozen=True, slots=True, kw_only=True)
class JurorLine:
    """How far one juror is."""

    name: str
    judged: str
    recused: int
    state: str
    is_locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChairRound:
    """A jury round as its chair sees it. `reminder` is empty when every sheet is locked."""

    id: str
    title: str
    state: str
    state_words: str
    lines: tuple[JurorLine, ...]
    locked: str
    reminder: str


def chair_round(
    award: Award, run: AwardRun, jury: JuryRound, progress: Mapping[str, Progress], lang: str
) -> ChairRound:
    """Progress of every juror of a round."""
    entries = len(standing(award, run, jury.id))
    lines = []
    for juror in jury.jurors:
        so_far = progress.get(juror.id)
        state = "none" if so_far is None else "locked" if so_far.is_locked else "draft"
        recused = so_far.recused if so_far else 0
        # A sheet may be older than a withdrawal: it then tells of more entries than still stand.
        to_judge = max(entries - recused, 0)
        marked = min(so_far.marked, to_judge) if so_far else 0
        lines.append(
            JurorLine(
                name=juror.name,
                judged=say(lang, "chair_of", n=marked, of=to_judge),
                recused=recused,
                state=say(lang, f"chair_state_{state}"),
                is_locked=state == "locked",
            )
        )
    waiting = [line.name for line in lines if not line.is_locked]
    stands = run.round(jury.id).state.value
    return ChairRound(
        id=jury.id,
        title=say(lang, "jury_round", number=award.jury.index(jury) + 1, of=len(award.jury)),
        state=stands,
        state_words=say(lang, f"chair_round_{stands}"),
        lines=tuple(lines),
        locked=say(lang, "chair_locked", n=len(lines) - len(waiting), of=len(lines)),
        reminder=say(lang, "chair_remind_text", award=award.title.pick(lang), names=", ".join(waiting))
        if waiting
        else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The diagnostics of a closed round in sentences: no entry, no score, no order."""

    sentences: tuple[str, ...]
    scale: tuple[str, ...]


def look(jury: JuryRound, found: Diagnosis, lang: str) -> Look:
    """What a chair may be told before the seal."""
    what = "on" if jury.shortlist else "first"
    sentences = [say(lang, f"chair_look_juror_{what}_{'yes' if found.jurors else 'no'}")]
    if jury.rule.reads_marks and len(jury.criteria) > 1:
        sentences.append(say(lang, f"chair_look_weight_{what}_{'yes' if found.weights else 'no'}"))
    names = {juror.id: juror.name for juror in jury.jurors}
    return Look(
        sentences=tuple(sentences),
        scale=tuple(_scale(jury, use, names[use.juror], lang) for use in found.scale),
    )


def _scale(jury: JuryRound, use: ScaleUse, name: str, lang: str) -> str:
    """How widely a juror used the scale, rounded so that no mark can be told from it."""
    if use.judged < 2:
        return say(lang, "chair_scale_few", name=name)
    if use.flat:
        return say(lang, "chair_scale_flat", name=name)
    weight = sum(one.weight for one in jury.criteria)
    low = Fraction(sum(one.weight * one.low for one in jury.criteria), weight)
    high = Fraction(sum(one.weight * one.high for one in jury.criteria), weight)
    width = (use.highest - use.lowest) / (high - low)
    share = 10 * int(10 * width + Fraction(1, 2))
    third = int(3 * (use.mean - low) / (high - low))
    where = ("low", "middle", "high")[min(third, 2)]
    return say(lang, f"chair_scale_{where}", name=name, share=max(share, 10))
