"""The picture of a view: shares by group, a time line, changes round zero, or a funnel."""

from collections.abc import Sequence

from survey.publication import wording
from survey.publication.bench.choice import FUNNEL
from survey.publication.bench.view import BenchRow, View
from survey.publication.drawings.axes import change_axis, share_axis
from survey.publication.drawings.chart_rows import PLOT, Chart, Frame, Mark, dot, lay_rows
from survey.publication.drawings.chart_words import change_text
from survey.publication.drawings.funnel_plot import (
    FAR_OUTSIDE,
    OUTSIDE,
    Funnel,
    FunnelPoint,
    draw_funnel,
    place_points,
)
from survey.publication.drawings.timeline import Timeline, draw_timeline
from survey.publication.figures import NO_FIGURE
from survey.publication.released import ALL
from survey.publication.wave_series import series_of

MOST_IN_CHART = 60
FEWEST_IN_FUNNEL = 3
Picture = Chart | Timeline | Funnel


class NoPicture(Exception):
    """Says why a view is not drawn; the table tells it all the same."""


def draw(view: View) -> Picture:
    """The picture that the view asks for.

    Raises:
        NoPicture: there is nothing that can be drawn so.
    """
    if not any(row.figure.shown for row in view.rows):
        raise NoPicture("Inga av talen i vyn får visas. Skälen står i tabellen.")
    if view.choice.picture == FUNNEL:
        return _funnel(view)
    if view.choice.picture == "forandring":
        return _changes(view)
    if len(view.newest) == 1 and len(view.waves) > 1:
        return _series(view)
    return _shares(view)


def funnel_points(view: View) -> tuple[tuple[FunnelPoint, ...], float]:
    """The places of the newest wave around the whole region's share.

    Raises:
        NoPicture: the region's share is not in the view, or there are too few places.
    """
    rows = [row for row in view.newest if row.figure.shown]
    if len({row.group for row in rows}) > 1:
        raise NoPicture("En tratt visar en grupp i taget. Välj ett kön och en ålder, eller alla.")
    region = [row for row in rows if row.place == (ALL, ALL)]
    if len(region) != 1:
        raise NoPicture("En tratt behöver regionens tal. Välj ”Hela regionen” bredvid.")
    of_place = [row for row in rows if row.place != (ALL, ALL)]
    if len(of_place) < FEWEST_IN_FUNNEL:
        raise NoPicture(f"En tratt behöver minst {FEWEST_IN_FUNNEL} platser med tal som får visas.")
    target = float(region[0].estimate["estimate"])
    triples = [(row.name, float(row.estimate["estimate"]), float(row.estimate["n_eff"])) for row in of_place]
    return place_points(triples, target), target


def _funnel(view: View) -> Funnel:
    points, target = funnel_points(view)
    title = _outside(points)
    frame = Frame(
        title,
        f"{view.measure.label}. Andel i procent mot effektivt antal svar, {view.waves[0].title}. "
        "Linjen är hela regionen. Streckade gränser: 95 procent. Heldragna: 99,8 procent.",
        f"Trattdiagram över {len(points)} platser runt regionens andel: "
        f"{wording.lower(view.measure.label)}. {title}.",
        (),
    )
    return draw_funnel(points, target, frame, notice=view.notice, source=view.source)


def _outside(points: Sequence[FunnelPoint]) -> str:
    """How many lie outside each limit: what the table beside the funnel says of each place."""
    far = sum(point.standing == FAR_OUTSIDE for point in points)
    outside = far + sum(point.standing == OUTSIDE for point in points)
    told = f"{outside or 'Ingen'} av {len(points)} platser ligger utanför 95-procentsgränsen"
    return f"{told}, varav {far} även utanför 99,8-procentsgränsen" if far else told


def _series(view: View) -> Timeline:
    row = view.newest[0]
    direction = view.measure.direction
    figures = {one.wave.code: one.estimate for one in view.rows}
    changes = {one.wave.code: one.moved for one in view.rows if one.moved is not None}
    points = series_of(view.waves[::-1], figures, changes, direction)
    frame = Frame(
        f"{view.measure.label}: {wording.lower(row.name)}",
        f"Andel i procent med 95-procentigt osäkerhetsintervall, {len(view.waves)} mätningar",
        f"Tidslinje för {wording.lower(view.measure.label)}, {row.name}.",
        (),
    )
    return draw_timeline(view, points, frame, view.source)


def _shares(view: View) -> Chart:
    rows = _few(view.newest)
    before = {
        (row.place, row.group): row.figure
        for row in (view.of_wave(view.waves[1].code) if view.waves[1:] else ())
    }
    axis = share_axis([*(row.figure for row in rows), *before.values()], PLOT)
    now, earlier = view.waves[0].title, view.waves[1].title if view.waves[1:] else ""
    drawn = " och ".join(one for one in (now, earlier) if one)
    if view.waves[2:]:
        drawn = f"{drawn}. Vyn har {len(view.waves)} mätningar: de två senaste är ritade"

    def marks(row: BenchRow, y: float) -> list[Mark]:
        kind = row.gender if row.gender in ("woman", "man") else "now"
        old = dot("before", before.get((row.place, row.group), NO_FIGURE), axis, y + 3.5)
        return [*old, *dot(kind, row.figure, axis, y - (3.5 if old else 0.0))]

    frame = Frame(
        view.measure.label,
        f"Andel i procent med 95-procentigt osäkerhetsintervall, {drawn}",
        f"Prickdiagram över {len(rows)} grupper i bokstavsordning: {wording.lower(view.measure.label)}.",
        (("now", now), *((("before", earlier),) if earlier else ())),
    )
    return lay_rows(_named(rows), axis, marks, _share, frame, notice=view.notice, source=view.source)


def _changes(view: View) -> Chart:
    rows = _few([row for row in view.newest if row.change.value is not None])
    if not rows:
        raise NoPicture("Vyn har ingen förändring som får visas i den senaste valda mätningen.")
    axis = change_axis([row.change for row in rows], PLOT)

    def marks(row: BenchRow, y: float) -> list[Mark]:
        x, low, high = (
            axis.place(value or 0.0) for value in (row.change.value, row.change.lower, row.change.upper)
        )
        return [Mark(row.change.tone or "open", x, y, low, high)]

    certain = sum(row.change.certain for row in rows)
    title = f"{certain} av {len(rows)} förändringar är {'säkerställd' if certain == 1 else 'säkerställda'}"
    frame = Frame(
        title,
        f"{view.measure.label}. Procentenheter med 95-procentigt osäkerhetsintervall, "
        f"från mätningen innan till {view.waves[0].title}",
        f"Prickdiagram över {len(rows)} förändringar kring noll, i bokstavsordning. {title}.",
        (
            ("better", "säkerställt bättre"),
            ("worse", "säkerställt sämre"),
            ("open", "oförändrat eller för osäkert"),
        ),
    )
    return lay_rows(
        _named(rows),
        axis,
        marks,
        lambda row: (row.change.tone or "value", change_text(row.change)),
        frame,
        notice=view.notice,
        source=view.source,
    )


def _few(rows: Sequence[BenchRow]) -> Sequence[BenchRow]:
    if len(rows) > MOST_IN_CHART:
        raise NoPicture(
            f"Vyn har {len(rows)} rader. Diagrammet ritas för högst {MOST_IN_CHART}: "
            "välj färre grupper eller platser."
        )
    return rows


def _named(rows: Sequence[BenchRow]) -> list[tuple[str, BenchRow]]:
    """Each row by what tells it from the others."""
    one_place = len({row.place for row in rows}) == 1
    return [(row.group if one_place and len(rows) > 1 else row.name, row) for row in rows]


def _share(row: BenchRow) -> tuple[str, str]:
    if not row.figure.shown:
        return "value", row.figure.text
    return "value", f"{row.figure.text} ({row.figure.interval})"
