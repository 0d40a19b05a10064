"""From released rows to what a report says: every figure, mark and sentence, nothing left to decide."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from analysis.keys import MUNICIPALITY
from survey.languages import SOURCE
from survey.notice import DRAFT, NOTICE
from survey.publication import numbers, standing_out, wording
from survey.publication.changed_parts import changed_parts
from survey.publication.content import (
    VERSION,
    GroupFigures,
    IndicatorResult,
    MunicipalityReport,
    ReleaseText,
    TopicResult,
    WaveText,
)
from survey.publication.figures import NO_CHANGE, NO_FIGURE, Figures
from survey.publication.method import build_method
from survey.publication.quality import build_quality, unanswered
from survey.publication.questions import build_questions
from survey.publication.released import ALL, Drawn, Notes, Place, Released, ReleaseFacts, Wave
from survey.publication.representativity import build_response, trimmed_share
from survey.publication.speech import language, say, speaking
from survey.publication.summary import build_summary, topic_findings
from survey.questionnaire import indicators as library
from survey.questionnaire.indicators import Indicator

REGION_LABEL = "Hela regionen"


def build_payload(released: Released, language: str = SOURCE.code) -> MunicipalityReport:
    """The report of one municipality after one wave, in a language that reports are made in."""
    with speaking(language):
        report = _payload(released)
    if language == SOURCE.code or not released.notes.hidden:
        return _without(report, _hidden(report, released.notes))
    swedish = build_payload(replace(released, notes=Notes()))  # sentences are left out by their Swedish words
    return _without(report, _hidden(swedish, released.notes))


def _payload(released: Released) -> MunicipalityReport:
    figures = Figures(released.estimates, released.changes, released.comparisons, released.wave.code)
    previous_code = figures.previous_wave(released.place.code)
    previous = released.earlier.get(previous_code) if previous_code else None
    reader = _Reader(released, figures, previous)
    topics = tuple(reader.topic(topic.id, say(topic.title)) for topic in library.topics())
    before = _wave_text(previous) if previous else None
    wave = _wave_text(released.wave, released.place.drawn)
    parts = changed_parts(figures, released.place, library.indicators())
    by_id = {indicator.id: indicator for indicator in library.indicators()}
    synthetic = released.wave.synthetic or released.release.synthetic
    marks = ((NOTICE, synthetic), (DRAFT, released.release.draft))
    return MunicipalityReport(
        version=VERSION,
        municipality_code=released.place.code,
        municipality=released.place.name,
        place=wording.place(released.place.name),
        language=language(),
        title=say("Trygghet %(place)s", place=wording.place(released.place.name)),
        synthetic=synthetic,
        notice=" · ".join(say(mark) for mark, holds in marks if holds),
        wave=wave,
        previous=before,
        since=wording.since(released.wave, previous) if previous else "",
        summary=build_summary(topics, by_id, (wave, before), released.place, parts),
        topics=topics,
        changed_parts=parts,
        response=build_response(released, previous),
        release=_release_text(released.release),
        method=build_method(released.release, trimmed_share(released.diagnostics, released.wave.code)),
        region_label=say(REGION_LABEL) if reader.has_region else "",
        region_note=_region_note(released) if reader.has_region else "",
        area_note=_area_note(released.place, figures),
        margin=_margin(topics),
        quality=build_quality(released),
        questions=build_questions(
            released.wave, unanswered(released.item_nonresponse, released.wave.code, released.place.code)
        ),
        comments=released.notes.comments,
        kind=figures.kind,
        borders={code: border.wkt for code, border in released.place.borders.items()},
        receipts=released.receipts,
    )


def measure_result(released: Released, indicator: Indicator) -> IndicatorResult:
    """One measure of the municipality, which need not be of the library."""
    figures = Figures(released.estimates, released.changes, released.comparisons, released.wave.code)
    return _Reader(released, figures, None).indicator(indicator)


class _Reader:
    """Reads one municipality's figures out of the released tables, topic by topic."""

    def __init__(self, released: Released, figures: Figures, previous: Wave | None) -> None:
        self.released = released
        self.figures = figures
        self.previous = previous
        self.has_region = released.place.geography == MUNICIPALITY and len(released.participants) > 1
        self.own = {"geography": released.place.geography, "code": released.place.code}
        self.ages = figures.present("age_group", gender=ALL, **self.own)

    def topic(self, topic_id: str, title: str) -> TopicResult:
        results = tuple(
            self.indicator(indicator) for indicator in library.indicators() if indicator.topic == topic_id
        )
        changes = [(result.label, result.total.change) for result in results]
        whole = wording.WHOLES[self.released.place.geography]
        heading = wording.changes_heading(changes, whole) if self.previous else say(wording.NO_COMPARISON)
        findings = topic_findings(results, self.previous is not None)
        beside = standing_out.topic_sentence(results)
        return TopicResult(topic_id, title, heading, findings, results, beside)

    def indicator(self, indicator: Indicator) -> IndicatorResult:
        total = self._group(indicator, say("Alla"), **self.own)
        where = wording.place(self.released.place.name)
        return IndicatorResult(
            id=indicator.id,
            label=say(indicator.label),
            topic=indicator.topic,
            measure=say(indicator.measure),
            base_text=say(indicator.base_text),
            direction=indicator.direction,
            headline=indicator.headline,
            subset=bool(indicator.base),
            total=total,
            genders=tuple(
                self._group(indicator, say(label), gender=gender, **self.own)
                for gender, label in wording.SEXES.items()
            ),
            ages=tuple(
                self._group(indicator, say("%(ages)s år", ages=_age(age)), age_group=age, **self.own)
                for age in self.ages
            ),
            areas=tuple(
                self._group(indicator, name, geography="area", code=code)
                for code, name in self.released.place.areas.items()
            ),
            region=(self._region(indicator) if self.has_region else None),
            level_sentence=wording.level_sentence(indicator, where, total.now),
            change_sentence=wording.change_sentence(indicator, total, self.released.wave, self.previous),
            crossed=self._crossed(indicator),
            beside_kind=self.figures.beside_kind(self.released.place.code, indicator.id, indicator.direction),
        )

    def _crossed(self, indicator: Indicator) -> tuple[tuple[GroupFigures, ...], ...]:
        return tuple(
            tuple(
                self._group(indicator, say(label), gender=gender, age_group=age, **self.own)
                for age in self.ages
            )
            for gender, label in wording.SEXES.items()
        )

    def _region(self, indicator: Indicator) -> GroupFigures:
        """The region now: its earlier wave may be another one than the municipality's."""
        group = self._group(indicator, say(REGION_LABEL), geography=ALL, code=ALL)
        return replace(group, before=NO_FIGURE, change=NO_CHANGE)

    def _group(self, indicator: Indicator, label: str, **where: str) -> GroupFigures:
        return self.figures.group(label, indicator.id, indicator.direction, **where)


def _age(group: str) -> str:
    return group.replace("-", "–")


def _wave_text(wave: Wave, drawn: Drawn | None = None) -> WaveText:
    return WaveText(
        code=wave.code,
        title=wave.title,
        name=numbers.month(wave.field_start),
        short=numbers.short_month(wave.field_start),
        period=numbers.period(wave.field_start, wave.field_end),
        population_date=numbers.day(wave.population_date),
        ages=f"{wave.age_min}–{wave.age_max}",
        sample_per_area=_sizes(wave, drawn),
        field_start=wave.field_start.isoformat(),
        field_end=wave.field_end.isoformat(),
        young=_young(drawn),
    )


def _sizes(wave: Wave, drawn: Drawn | None) -> str:
    if drawn is None:
        return numbers.number(wave.sample_per_area)
    if drawn.fewest == drawn.most:
        return numbers.number(drawn.most)
    return say(
        "mellan %(low)s och %(high)s", low=numbers.number(drawn.fewest), high=numbers.number(drawn.most)
    )


def _young(drawn: Drawn | None) -> str:
    if drawn is None or drawn.young_factor == 1.0:
        return ""
    factor = numbers.number(drawn.young_factor, 0 if drawn.young_factor.is_integer() else 1)
    return say(
        "Personer till och med %(age)s år har valts %(factor)s gånger så tätt som andra, "
        "och vikterna tar hänsyn till det.",
        age=drawn.young_until,
        factor=factor,
    )


def _release_text(release: ReleaseFacts) -> ReleaseText:
    return ReleaseText(
        version=str(release.version),
        released_on=numbers.day(release.released_on),
        released_on_iso=release.released_on.isoformat(),
        draft=release.draft,
        reason=release.reason,
        disclosure=release.disclosure,
        hashes=tuple((say(name), value) for name, value in release.hashes.items()),
    )


def _region_note(released: Released) -> str:
    return say(
        "Hela regionen: de %(count)s kommuner som har svar i mätningen, %(place)s inräknad.",
        count=len(released.participants),
        place=released.place.name,
    )


def _hidden(report: MunicipalityReport, notes: Notes) -> frozenset[int]:
    """The places of the summary's sentences that an analyst leaves out."""
    return frozenset(at for at, text in enumerate(report.summary.sentences) if text in notes.hidden)


def _without(report: MunicipalityReport, hidden: frozenset[int]) -> MunicipalityReport:
    """The report without some sentences of its summary, which says how many they are."""
    sentences = report.summary.sentences
    kept = tuple(text for at, text in enumerate(sentences) if at not in hidden)
    return replace(report, summary=replace(report.summary, sentences=kept, left_out=len(hidden)))


def _margin(topics: Sequence[TopicResult]) -> str:
    """Half the interval of the middle one of the shares among all, in whole points."""
    totals = [result.total.now for topic in topics for result in topic.indicators if not result.subset]
    widths = [(now.upper or 0) - (now.lower or 0) for now in totals if now.shown]
    return numbers.points_in_words(max(1, round(median(widths) / 2))) if widths else ""


def _area_note(place: Place, figures: Figures) -> str:
    """Areas may have taken part in other waves than their municipality."""
    own = figures.previous_wave(place.code)
    others = [name for code, name in place.areas.items() if figures.previous_wave(code) != own]
    if not others or own is None:
        return ""
    return say("Jämförs med en annan mätning eller inte alls: %(areas)s.", areas=", ".join(others))
