"""One election written in every format is read as the same election, and noise never crashes a reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.methods.material import law, many, profiles
from voting.formats import FORMATS, FormatError, read
from voting.methods import count
from voting.rankings import OVERVOTE, Profile, Ranking
from voting.rulebook import Rulebook


def blt(profile: Profile) -> str:
    lines = [f"{len(profile.candidates)} 1"]
    for ranking, number in profile.ballots.items():
        ranks = ["=".join(str(c + 1) for c in rank) or "-" for rank in ranking]
        lines.append(" ".join([str(number), *ranks, "0"]))
    return "\n".join([*lines, "0", *(f'"{name}"' for name in profile.candidates), '"Title"'])


def cef(profile: Profile) -> str:
    lines = ["#/Candidates: " + " ; ".join(profile.candidates)]
    for ranking, number in profile.ballots.items():
        ranks = [" = ".join(profile.candidates[c] for c in rank) for rank in ranking]
        lines.append(f"{' > '.join(ranks) or '/EMPTY_RANKING/'} * {number}")
    return "\n".join(lines)


def cvr(profile: Profile) -> str:
    width = max((len(ranking) for ranking in profile.ballots), default=0) or 1
    lines = ["id,count," + ",".join(f"rank{rank}" for rank in range(1, width + 1))]
    # A row of no weight names everybody, so that the file knows candidates whom no ballot ranks.
    lines.append(f"0,0,{'|'.join(profile.candidates)}" + "," * (width - 1))
    for at, (ranking, number) in enumerate(profile.ballots.items(), start=1):
        cells = [
            "overvote" if rank == OVERVOTE else "|".join(profile.candidates[c] for c in rank)
            for rank in ranking
        ]
        lines.append(",".join([str(at), str(number), *cells, *[""] * (width - len(cells))]))
    return "\n".join(lines)


def preflib(profile: Profile) -> str:
    lines = [f"# NUMBER ALTERNATIVES: {len(profile.candidates)}", f"# NUMBER VOTERS: {profile.size}"]
    lines += [f"# ALTERNATIVE NAME {n}: {name}" for n, name in enumerate(profile.candidates, start=1)]
    for ranking, number in profile.ballots.items():
        ranks = [
            str(rank[0] + 1) if len(rank) == 1 else "{" + ",".join(str(c + 1) for c in rank) + "}"
            for rank in ranking
        ]
        lines.append(f"{number}: {','.join(ranks)}")
    return "\n".join(lines)


def old_preflib(profile: Profile) -> str:
    lines = [str(len(profile.candidates))]
    lines += [f"{n},{name}" for n, name in enumerate(profile.candidates, start=1)]
    lines.append(f"{profile.size},{profile.size},{len(profile.ballots)}")
    return "\n".join(
        [
            *lines,
            *(
                line.replace(": ", ",")
                for line in preflib(profile).splitlines()[-1:0:-1]
                if not line.startswith("#")
            ),
        ]
    )


WRITERS = {"x.blt": blt, "x.cvotes": cef, "x.csv": cvr, "x.toi": preflib, "old.toi": old_preflib}


@pytest.mark.parametrize("name", list(WRITERS))
@law
@given(profile=profiles())
def test_an_election_is_the_same_in_every_format(name: str, profile: Profile) -> None:
    found = read(name, WRITERS[name](profile)).profile
    assert found.candidates == profile.candidates
    assert {ballot: number for ballot, number in found.ballots.items() if number} == profile.ballots


@law
@given(profile=profiles(as_marked=True))
def test_cast_vote_records_keep_skips_overvotes_and_second_mentions(profile: Profile) -> None:
    found = read("x.csv", cvr(profile)).profile
    expected: dict[Ranking, int] = {}
    for ranking, number in profile.ballots.items():
        # One cell cannot name a candidate twice; blank cells at the end say nothing.
        ranking = tuple(tuple(dict.fromkeys(rank)) for rank in ranking)
        while ranking and not ranking[-1]:
            ranking = ranking[:-1]
        expected[ranking] = expected.get(ranking, 0) + number
    assert {ballot: number for ballot, number in found.ballots.items() if number} == expected


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str]:
    """A file with one stretch of it replaced by something else."""
    name = draw(st.sampled_from(list(WRITERS)))
    text = WRITERS[name](draw(profiles(most=3)))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 4)))
    noise = draw(st.text(alphabet='0123 ,;:=>#/*^|{}"-()\n\tABCé²', max_size=4))
    return name, text[:start] + noise + text[end:]


@many
@given(file=damaged())
def test_a_damaged_file_is_counted_or_refused_with_its_place(file: tuple[str, str]) -> None:
    name, text = file
    try:
        profile = read(name, text).profile
    except FormatError as error:
        assert 1 <= error.line <= max(1, len(text.splitlines()))
        assert error.column >= 1
        assert error.reason
    else:
        assert count(profile, Rulebook(method="irv")).ballots == profile.size


@law
@given(text=st.text(max_size=60), form=st.sampled_from([None, *FORMATS]))
def test_any_text_is_read_or_refused(text: str, form: str | None) -> None:
    try:
        read("x", text, form)
    except FormatError as error:
        assert error.line >= 1 and error.column >= 1
