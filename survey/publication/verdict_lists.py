"""What did not change, what cannot be known or is not shown, and where it is worse: by verdict alone."""

from collections.abc import Sequence

from survey.publication import wording
from survey.publication.content import IndicatorResult
from survey.publication.numbers import NBSP
from survey.publication.speech import say

MOST_AREAS = 8  # so many areas the summary names


def unchanged(results: Sequence[IndicatorResult]) -> tuple[str, ...]:
    """Measures whose change is shown to be small, with their level."""
    return tuple(
        f"{result.label}: {result.total.now.text} ({result.total.now.interval})"
        for result in results
        if result.total.change.verdict == "unchanged"
    )


def unknown(results: Sequence[IndicatorResult]) -> tuple[str, ...]:
    """Measures of whose change nothing can be said, with the points from which it would have been seen."""
    return tuple(
        f"{result.label} ({_points(result.total.change.detectable)})"
        for result in results
        if result.total.change.verdict == "too_uncertain"
    )


def not_shown(results: Sequence[IndicatorResult]) -> tuple[str, ...]:
    """Measures whose figure is hidden, under the reason why."""
    reasons: dict[str, list[str]] = {}
    for result in results:
        if not result.total.now.shown:
            reasons.setdefault(result.total.now.note, []).append(wording.lower(result.label))
    return tuple(f"{wording.capital(why)}: {wording.enumeration(labels)}" for why, labels in reasons.items())


def areas_counts(results: Sequence[IndicatorResult], own: str) -> str:
    """In how many areas something certainly differs from the municipality; empty when none is compared."""
    areas = list(zip(*(result.areas for result in results), strict=True))
    compared = sum(any(group.standing.verdict for group in area) for area in areas)
    if not compared:
        return ""
    apart = sum(any(group.standing.certain for group in area) for area in areas)
    if not apart:
        return say(
            "I inget av %(all)s delområden skiljer sig något mått säkert från %(place)s som helhet.",
            all=compared,
            place=own,
        )
    return say(
        "I %(count)s av %(all)s delområden skiljer sig något mått säkert från %(place)s som helhet.",
        count=say("ett") if apart == 1 else apart,
        all=compared,
        place=own,
    )


def worse_areas(results: Sequence[IndicatorResult]) -> tuple[str, ...]:
    """Areas with measures that are certainly worse than their municipality's, in the order of the survey.

    Those with most such measures are kept when there are many.
    """
    found = []
    for groups in zip(*(result.areas for result in results), strict=True):
        labels = [
            wording.lower(result.label)
            for result, group in zip(results, groups, strict=True)
            if group.standing.tone == "worse"
        ]
        if labels:
            found.append((groups[0].label, labels))
    kept = sorted(sorted(range(len(found)), key=lambda at: -len(found[at][1]))[:MOST_AREAS])
    entries = [f"{found[at][0]}: {_some(found[at][1])}" for at in kept]
    left = len(found) - len(kept)
    return (*entries, *([say("och %(count)s delområden till", count=left)] if left else []))


def _some(labels: Sequence[str], most: int = 4) -> str:
    if len(labels) <= most:
        return wording.enumeration(labels)
    return say(
        "%(first)s och %(count)s mått till",
        first=", ".join(labels[: most - 1]),
        count=len(labels) - most + 1,
    )


def _points(detectable: str) -> str:
    """ "4 procentenheter" as "4"."""
    return detectable.split(NBSP)[0] or say("okänt")
