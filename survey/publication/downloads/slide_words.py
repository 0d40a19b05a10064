"""What slides without a chart say: beside the region, where, what changed there, what is not known."""

from collections.abc import Sequence

from survey.publication import standing_out, wording
from survey.publication.changed_parts import changed_in
from survey.publication.content import GroupFigures, MunicipalityReport

MOST_LINES = 6
MOST_NAMED = 8
MOST_ROWS = 11  # on a slide, with one more for what is left out
LETTERS_IN_ROW = 80
Words = tuple[str, tuple[str, ...]]  # title and lines


def beside_region(report: MunicipalityReport) -> Words | None:
    """Which measures are certainly better or worse than the region's; None where it is not compared."""
    told = report.summary
    if not told.beside:
        return None
    lines = [f"Bättre: {entry}" for entry in told.beside_better[:MOST_LINES]]
    lines += [f"Sämre: {entry}" for entry in told.beside_worse[:MOST_LINES]]
    return told.beside.rstrip("."), tuple(lines) or (report.region_note,)


def where(report: MunicipalityReport) -> Words | None:
    """The areas that certainly differ from the municipality."""
    if not any(len(result.areas) > 1 for result in report.headlines):
        return None
    lines = [f"{area.label}: {_sides(area)}" for area in standing_out.areas_standing_out(report)]
    title = report.summary.areas.rstrip(".") or "Delområdena är inte jämförda med kommunen"
    return title, _kept(lines) or ("Mer om delområdena står i rapporten.",)


def changed_where(report: MunicipalityReport) -> Words | None:
    """The areas that have changed for certain; None where none has."""
    changed = changed_in([one for one in report.changed_parts if one.area and not one.groups])
    if not changed:
        return None
    told = {part: [one.told for one in found] for part, found in changed.items()}
    lines = [f"{part}: {_some(entries, ' procentenheter')}" for part, entries in told.items()]
    return f"Säkert förändrat i delområden {report.since}", _kept(lines)


def _kept(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines that a slide has room for, and how many are left."""
    room = MOST_ROWS
    kept: list[str] = []
    for line in lines:
        room -= -(-len(line) // LETTERS_IN_ROW)
        if room < 0:
            return (*kept, f"och {len(lines) - len(kept)} till, se arbetsboken")
        kept.append(line)
    return tuple(kept)


def unknown(report: MunicipalityReport) -> Words:
    """Of which changes nothing can be said, and which are small."""
    changes = [result.total.change for result in report.indicators]
    told = {"too_uncertain": "Går inte att säga", "unchanged": "I stort sett oförändrat"}
    lines = []
    for verdict, word in told.items():
        labels = [one.label for one in report.indicators if one.total.change.verdict == verdict]
        lines += [f"{word}: {_some(labels)}."] if labels else []
    title = wording.unknown_heading(changes, wording.WHOLES["municipality"])
    return title, tuple(lines) or (report.summary.counts,)


def promised(report: MunicipalityReport) -> Words | None:
    """What was promised, and how it stands by the figures; None where nothing is at hand."""
    if not report.receipts:
        return None
    lines = [
        f"{one.title}: {wording.lower(one.status_word)}. {one.goal}" for one in report.receipts[:MOST_LINES]
    ]
    left = len(report.receipts) - MOST_LINES
    return "Det här lovade vi – så gick det", (*lines, *([f"och {left} till"] if left > 0 else []))


def areas_heading(areas: Sequence[GroupFigures]) -> str:
    """Which areas certainly stand above or below their municipality; empty where they are not compared."""
    if not any(area.standing.verdict for area in areas):
        return ""
    sides = {"högre": "above", "lägre": "below"}
    found = [
        f"{_some([area.label for area in areas if area.standing.verdict == verdict], most=3)} {word}"
        for word, verdict in sides.items()
        if any(area.standing.verdict == verdict for area in areas)
    ]
    if not found:
        return "inget delområde skiljer sig säkert från hela kommunen"
    return f"{wording.enumeration(found)} än hela kommunen"


def _sides(area: standing_out.AreaStanding) -> str:
    pairs = (("högre än hela kommunen", area.higher), ("lägre än hela kommunen", area.lower))
    return "; ".join(
        f"{word}: {_some([wording.lower(one.label) for one in some])}" for word, some in pairs if some
    )


def _some(labels: Sequence[str], after: str = "", most: int = MOST_NAMED) -> str:
    left = len(labels) - most
    named = [*labels[:most], f"{left} till"] if left > 0 else labels
    return f"{wording.enumeration(named)}{after}"
