"""The charts of a report: which figures, in which order, under which words."""

from collections.abc import Sequence

from survey.publication import wording
from survey.publication.content import (
    GroupFigures,
    IndicatorResult,
    MunicipalityReport,
    ResponseGroup,
    TopicResult,
)
from survey.publication.drawings.axes import Axis, change_axis, share_axis
from survey.publication.drawings.chart_rows import PLOT, Chart, Frame, Mark, bar, dot, draw_rows
from survey.publication.drawings.chart_words import (
    both_waves,
    change_label,
    genders_label,
    people,
    share_label,
    subtitle,
)
from survey.publication.speech import say
from survey.publication.summary import contenders


def topic_chart(report: MunicipalityReport, topic: TopicResult) -> Chart:
    """Dumbbells: each measure now and in the wave before, with intervals and the change at the right."""
    now, before = report.wave.name, report.previous.name if report.previous else ""
    groups = [(result.label, result.total) for result in topic.indicators if not result.subset]
    axis = share_axis([figure for _, group in groups for figure in (group.now, group.before)], PLOT)

    def marks(group: GroupFigures, y: float) -> list[Mark]:
        earlier = dot("before", group.before, axis, y + 3.5)
        return [*earlier, *dot("now", group.now, axis, y - (3.5 if earlier else 0))]

    keys = (("now", now), *((("before", before),) if before else ()))
    title = topic.heading or topic.title
    return draw_rows(
        report,
        groups,
        axis,
        marks,
        change_label if before else share_label,
        Frame(
            title if ":" in title else f"{topic.title}: {wording.lower(title)}",
            subtitle(report, both_waves(now, before)),
            say(
                "Prickdiagram över %(count)s mått %(when)s. %(title)s.",
                count=len(groups),
                when=both_waves(now, before),
                title=title,
            ),
            keys,
        ),
    )


def profile_chart(report: MunicipalityReport, topic: TopicResult) -> Chart:
    """Bars with intervals, the largest share first."""
    ordered = sorted(topic.indicators, key=lambda result: -(result.total.now.value or -1))
    groups = [(result.label, result.total) for result in ordered]
    axis = share_axis([group.now for _, group in groups], PLOT)
    title = _profile_title(topic, ordered)
    return draw_rows(
        report,
        groups,
        axis,
        lambda group, y: bar(group.now, axis, y),
        share_label,
        Frame(
            title,
            subtitle(report, report.wave.name),
            say(
                "Stapeldiagram över %(count)s mått %(when)s, störst först. %(title)s.",
                count=len(groups),
                when=report.wave.name,
                title=title,
            ),
            (),
        ),
        row=16.0,
    )


def _profile_title(topic: TopicResult, ordered: Sequence[IndicatorResult]) -> str:
    """The highest is named only when no other can be as high."""
    shown = [result for result in ordered if result.total.now.shown]
    if not shown:
        return say("%(topic)s: kan inte visas", topic=topic.title)
    rivals = contenders(shown)
    if not rivals:
        return say("Högst andel: %(first)s", first=wording.lower(shown[0].label))
    if len(rivals) == 1:
        first, second = wording.lower(shown[0].label), wording.lower(rivals[0].label)
        return say("Högst andel: %(first)s eller %(second)s", first=first, second=second)
    return say("%(topic)s: ordningen i topp är inte säker", topic=topic.title)


def gender_chart(report: MunicipalityReport, topic: TopicResult) -> Chart:
    """Women and men on each measure, with intervals."""
    groups = [(result.label, result.genders) for result in topic.indicators if not result.subset]
    return _women_and_men(
        report,
        groups,
        say("%(what)s bland kvinnor och män", what=topic.title),
        say(
            "Prickdiagram över kvinnor och män på %(count)s mått %(when)s.",
            count=len(groups),
            when=report.wave.name,
        ),
    )


def crossed_chart(report: MunicipalityReport, result: IndicatorResult) -> Chart:
    """Women and men in each age group, on one measure."""
    groups = [
        (age.label, pair) for age, pair in zip(result.ages, zip(*result.crossed, strict=True), strict=True)
    ]
    return _women_and_men(
        report,
        groups,
        say("%(what)s bland kvinnor och män efter ålder", what=result.label),
        say(
            "Prickdiagram över kvinnor och män i %(count)s åldersgrupper %(when)s: %(what)s.",
            count=len(groups),
            when=report.wave.name,
            what=wording.lower(result.label),
        ),
    )


def _women_and_men(
    report: MunicipalityReport,
    groups: Sequence[tuple[str, tuple[GroupFigures, ...]]],
    title: str,
    alt: str,
) -> Chart:
    """A row for each pair of women and men, with intervals."""
    axis = share_axis([gender.now for _, genders in groups for gender in genders], PLOT)

    def marks(genders: tuple[GroupFigures, ...], y: float) -> list[Mark]:
        return [
            mark
            for gender, offset in zip(genders, (-3.5, 3.5), strict=False)
            for mark in dot(gender.key, gender.now, axis, y + offset)
        ]

    return draw_rows(
        report,
        groups,
        axis,
        marks,
        genders_label,
        Frame(
            title,
            subtitle(report, report.wave.name),
            alt,
            (("woman", say("Kvinnor")), ("man", say("Män"))),
        ),
    )


def groups_chart(report: MunicipalityReport, result: IndicatorResult) -> Chart:
    """One measure in all, among women and men and in each age group."""
    groups = [(group.label, group) for group in (result.total, *result.genders, *result.ages)]
    return _now_and_before(report, groups, say("%(what)s efter kön och ålder", what=result.label))


def area_chart(report: MunicipalityReport, result: IndicatorResult) -> Chart:
    """One measure in each area, in the order of the survey."""
    groups = [(group.label, group) for group in (*result.areas, result.total)]
    return _now_and_before(report, groups, say("%(what)s efter delområde", what=result.label))


def changes_chart(report: MunicipalityReport) -> Chart | None:
    """All changes around zero, sorted, filled where certain; None where none is shown."""
    groups = [
        (result.label, result.total)
        for result in sorted(report.indicators, key=change_size)
        if result.total.change.value is not None
    ]
    if not groups:
        return None
    axis = change_axis([group.change for _, group in groups], PLOT)
    now, before = report.wave.name, report.previous.name if report.previous else ""
    certain = sum(group.change.certain for _, group in groups)
    told = "%(count)s av %(all)s förändringar %(where)s är säkerställda"
    if certain == 1:
        told = "%(count)s av %(all)s förändringar %(where)s är säkerställd"
    title = say(told, count=certain, all=len(groups), where=say(wording.WHOLES["municipality"]))

    def marks(group: GroupFigures, y: float) -> list[Mark]:
        change = group.change
        x, low, high = (axis.place(value or 0.0) for value in (change.value, change.lower, change.upper))
        return [Mark(change.tone or "open", x, y, low, high)]

    return draw_rows(
        report,
        groups,
        axis,
        marks,
        change_label,
        Frame(
            title,
            say(
                "Procentenheter %(interval)s, %(people)s, från %(before)s till %(now)s. %(certain)s",
                interval=report.method.with_interval,
                people=people(report),
                before=before,
                now=now,
                certain=say(wording.CERTAIN_WHEN),
            ),
            say(
                "Prickdiagram över %(count)s förändringar kring noll, %(before)s till %(now)s. %(title)s.",
                count=len(groups),
                before=before,
                now=now,
                title=title,
            ),
            (
                ("better", say("säkerställt bättre")),
                ("worse", say("säkerställt sämre")),
                ("open", say("oförändrat eller för osäkert")),
            ),
        ),
        row=19.0,
    )


def response_chart(report: MunicipalityReport) -> Chart:
    """Response rate of women and men in each age group."""
    pairs = list(zip(report.response.women, report.response.men, strict=True))
    axis = Axis(0.0, 100.0, PLOT, tuple(range(0, 101, 20)), "%")

    def marks(pair: tuple[ResponseGroup, ResponseGroup], y: float) -> list[Mark]:
        return [
            Mark(kind, x := axis.place(float(group.value)), y + offset, x, x)
            for kind, group, offset in (("woman", pair[0], -3.5), ("man", pair[1], 3.5))
            if group.value is not None
        ]

    return draw_rows(
        report,
        [(women.label, (women, men)) for women, men in pairs],
        axis,
        marks,
        lambda pair: ("value", f"{pair[0].rate} / {pair[1].rate}"),
        Frame(
            say("Svarsfrekvens efter kön och ålder"),
            say(
                "Andel av de tillfrågade som svarade, kön enligt folkbokföringen, %(when)s",
                when=report.wave.name,
            ),
            say(
                "Prickdiagram över svarsfrekvensen bland kvinnor och män i %(count)s åldersgrupper.",
                count=len(pairs),
            ),
            (("woman", say("Kvinnor")), ("man", say("Män"))),
        ),
        row=24.0,
        answers=False,
    )


def _now_and_before(
    report: MunicipalityReport, groups: Sequence[tuple[str, GroupFigures]], title: str
) -> Chart:
    """Groups of one measure, now and in the wave before; women and men keep their shapes."""
    now, before = report.wave.name, report.previous.name if report.previous else ""
    axis = share_axis([figure for _, group in groups for figure in (group.now, group.before)], PLOT)

    def marks(group: GroupFigures, y: float) -> list[Mark]:
        kind = group.key if group.key in ("woman", "man") else "now"
        earlier = dot("before", group.before, axis, y + 3.5)
        return [*earlier, *dot(kind, group.now, axis, y - (3.5 if earlier else 0))]

    return draw_rows(
        report,
        groups,
        axis,
        marks,
        share_label,
        Frame(
            title,
            subtitle(report, both_waves(now, before)),
            say(
                "Prickdiagram över %(count)s grupper %(when)s: %(title)s.",
                count=len(groups),
                when=both_waves(now, before),
                title=wording.lower(title),
            ),
            (("now", now), *((("before", before),) if before else ())),
        ),
    )


def change_size(result: IndicatorResult) -> tuple[float, str]:
    """Sorts the largest rise first, the largest fall last."""
    return (-(result.total.change.value or 0.0), result.label)
