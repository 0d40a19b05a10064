"""What got better, worse, did not change or cannot be known, and what stands out: lists by verdict alone."""

from collections.abc import Sequence

from survey.publication import wording
from survey.publication.content import IndicatorResult, Standing
from survey.publication.numbers import NBSP
from survey.publication.speech import say

REGION, KIND = "hela regionen", "andra kommuner av samma slag"
SIDES = {
    "above": "Säkert högre än i %(whole)s: %(measures)s.",
    "below": "Säkert lägre än i %(whole)s: %(measures)s.",
}
MOST_ENTRIES = 8  # so many measures the summary names on each side
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


def beside_region(results: Sequence[IndicatorResult], tone: str) -> tuple[str, ...]:
    """Measures that certainly differ from the region, as in "Skräp utomhus högre: 35 % (32–38) mot 30 %"."""
    return _some_entries([_beside(result) for result in results if result.total.standing.tone == tone])


def beside_kind(results: Sequence[IndicatorResult], tone: str) -> tuple[str, ...]:
    """Measures that certainly differ from others of its kind, whose own figure is not released."""
    return _some_entries(
        [
            f"{one.label} {one.beside_kind.text}: {one.total.now.text} ({one.total.now.interval})"
            for one in results
            if one.beside_kind.tone == tone
        ]
    )


def region_counts(results: Sequence[IndicatorResult]) -> str:
    """How many measures certainly differ from the region; empty when none is compared."""
    return _counts([result.total.standing for result in results], REGION)


def kind_counts(results: Sequence[IndicatorResult]) -> str:
    """How many measures certainly differ from others of its kind; empty when none is compared."""
    return _counts([result.beside_kind for result in results], KIND)


def region_sentence(results: Sequence[IndicatorResult]) -> str:
    """The measures of a topic that are certainly above or below the region; empty when none is compared."""
    if not any(result.total.standing.verdict for result in results):
        return ""
    told = _sides([(one.label, one.total.standing.verdict) for one in results], REGION)
    return told or say("Ingen andel skiljer sig säkert från hela regionens.")


def kind_sentence(results: Sequence[IndicatorResult]) -> str:
    """The measures of a topic that are certainly above or below others of its kind; empty when none is."""
    return _sides([(one.label, one.beside_kind.verdict) for one in results], KIND)


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


def _counts(standings: Sequence[Standing], whole: str) -> str:
    verdicts = [standing for standing in standings if standing.verdict]
    if not verdicts:
        return ""
    certain = sum(standing.certain for standing in verdicts)
    if not certain:
        return say(
            "Inget av %(all)s mått skiljer sig säkert från %(whole)s.", all=len(verdicts), whole=say(whole)
        )
    return say(
        "Av %(all)s mått skiljer sig %(count)s säkert från %(whole)s.",
        all=len(verdicts),
        count=certain,
        whole=say(whole),
    )


def _sides(verdicts: Sequence[tuple[str, str]], whole: str) -> str:
    labels = {
        side: [wording.lower(label) for label, verdict in verdicts if verdict == side]
        for side in ("above", "below")
    }
    parts = [
        say(sentence, whole=say(whole), measures=wording.enumeration(labels[side]))
        for side, sentence in SIDES.items()
        if labels[side]
    ]
    return " ".join(parts)


def _some_entries(entries: Sequence[str]) -> tuple[str, ...]:
    left = len(entries) - MOST_ENTRIES
    return (*entries[:MOST_ENTRIES], *([say("och %(count)s mått till", count=left)] if left > 0 else []))


def _some(labels: Sequence[str], most: int = 4) -> str:
    if len(labels) <= most:
        return wording.enumeration(labels)
    return say(
        "%(first)s och %(count)s mått till",
        first=", ".join(labels[: most - 1]),
        count=len(labels) - most + 1,
    )


def _beside(result: IndicatorResult) -> str:
    now, region = result.total.now, result.region.now if result.region else None
    told = f"{result.label} {result.total.standing.text}: {now.text} ({now.interval})"
    return say("%(told)s mot %(region)s", told=told, region=region.text) if region and region.shown else told


def _points(detectable: str) -> str:
    """ "4 procentenheter" as "4"."""
    return detectable.split(NBSP)[0] or say("okänt")
