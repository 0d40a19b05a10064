"""What fits on a page: estimated heights in millimetres decide which charts a topic's spread has room for."""

from collections.abc import Iterator, Sequence

from survey.publication.content import GroupFigures, IndicatorResult, MunicipalityReport, TopicResult
from survey.publication.speech import say
from survey.publication.wording import enumeration

PAGE = 262.0 - 3.0  # A4 less margins, less what the estimate may be wrong by
HEADING = 11.0
PARAGRAPH_LINE = 4.9
PARAGRAPH_GAP = 1.5
LETTERS_IN_LINE = 100
CHART = 30.5  # title, subtitle, keys, scale, source and margins
CHART_ROW = 4.5
TABLE = 15.5  # caption and heads
TABLE_LINE = 3.45
TABLE_PADDING = 1.9
LETTERS_IN_LABEL = 24  # of a measure, in the narrowest of the tables
GROUPS_IN_LINE = 6  # so many groups beside each other leave room for figure and interval in one line
NOTE_LINE = 3.75
LETTERS_IN_NOTE = 125
COMMENT = 17.0  # an analyst's, without its lines
KEY_TABLE = 13.5
SENTENCE = 8.2  # a sentence of the first page without its lines
SENTENCE_LINE = 5.95
LETTERS_IN_SENTENCE = 76
ENTRY = 5.4
LIST_LENGTH = 6  # certain changes that the first page lists in each direction
SHORT_TOPIC = 3  # topics with at most so many measures share a spread
COMMON_BASE = " Vet inte och vill inte svara räknas inte med."  # said once, on the page about method
AREA_ROWS = 18  # at most so many areas also as a chart
AREAS_TOPIC = "unsafe"  # whose headline the chapter of areas draws
MATRIX_AREAS = 28  # so many areas stand beside each other in a matrix


def topic_pages(report: MunicipalityReport) -> tuple[tuple[TopicResult, ...], ...]:
    """Topics by spread: one each, but short ones, or such as show nothing, share one."""
    pages: list[tuple[TopicResult, ...]] = []
    for topic in report.topics:
        if pages and _share(report, pages[-1], topic):
            pages[-1] = (*pages[-1], topic)
        else:
            pages.append((topic,))
    return tuple(pages)


def has_groups(page: Sequence[TopicResult]) -> bool:
    """Whether any figure by gender or age is shown: else the spread has no right page."""
    return any(
        group.now.shown
        for topic in page
        for result in topic.indicators
        for group in (*result.genders, *result.ages)
    )


def choose_charts(report: MunicipalityReport, page: Sequence[TopicResult]) -> frozenset[tuple[str, str]]:
    """The charts and further tables that a spread has room for, as (topic, kind); what matters most first.

    Kinds: on the left page `topic` (measures now and before) and `areas` (the headline by area); on the right
    `groups` (the headline by gender and age), `genders`, and `crossed`, a table of the headline by gender in
    each age group.
    """
    left = PAGE - sum(_left_height(report, topic) for topic in page)
    right = PAGE - sum(_right_height(topic) for topic in page)
    return frozenset((*_fitting(_levels(page), left), *_fitting(_groups(report, page), right)))


def has_area_chart(result: IndicatorResult) -> bool:
    """Whether a measure has areas to draw: more than one, not too many, and most of them shown."""
    return 1 < len(result.areas) <= AREA_ROWS and _is_mostly_shown(result.areas)


def has_profile_room(report: MunicipalityReport) -> bool:
    """Whether the chart of problems fits on the first page, which it leads when no change is certain."""
    summary = report.summary
    problems = next((topic for topic in report.topics if topic.id == "problems"), None)
    if problems is None or not _is_shown(problems):
        return False
    if not summary.certain:
        return True
    sentences = sum(
        SENTENCE + SENTENCE_LINE * _lines(sentence, LETTERS_IN_SENTENCE) for sentence in summary.sentences
    )
    table = KEY_TABLE + sum(_row(result, 1) for result in report.headlines)
    entries = ENTRY * (1 + min(max(len(summary.better), len(summary.worse)), LIST_LENGTH + 1))
    if comment := report.comment("summary"):
        sentences += _comment_height(comment.text)
    return HEADING + sentences + table + entries + _chart(len(problems.indicators)) <= PAGE


def matrix_parts(report: MunicipalityReport) -> tuple[slice, ...]:
    """The areas in as many parts as their matrix has pages, all about as wide."""
    count = len(report.indicators[0].areas) if report.indicators else 0
    pages = -(-count // MATRIX_AREAS)
    size = -(-count // max(pages, 1))
    return tuple(slice(size * number, size * (number + 1)) for number in range(pages))


def measures(topic: TopicResult) -> list[tuple[str, str, str]]:
    """What is measured and among whom, said once for all measures that share it."""
    shared: dict[tuple[str, str], list[str]] = {}
    for result in topic.indicators:
        shared.setdefault((result.measure, result.base_text), []).append(result.label)
    everything = len(shared) == 1
    return [
        (measure, base.replace(say(COMMON_BASE), ""), say("Alla mått") if everything else enumeration(labels))
        for (measure, base), labels in shared.items()
    ]


Wanted = tuple[int, float, str, str]  # priority, height, topic, kind


def _share(report: MunicipalityReport, page: Sequence[TopicResult], topic: TopicResult) -> bool:
    """Two short topics share a spread; topics of which nothing is shown share a page."""
    together = (*page, topic)
    if not any(_is_shown(one) for one in together):
        return sum(_left_height(report, one) for one in together) <= PAGE
    return len(page) == 1 and max(len(one.indicators) for one in together) <= SHORT_TOPIC


def _is_shown(topic: TopicResult) -> bool:
    return any(result.total.now.shown for result in topic.indicators)


def _fitting(wanted: Iterator[Wanted], left: float) -> Iterator[tuple[str, str]]:
    for _, height, topic_id, kind in sorted(wanted):
        if height <= left:
            left -= height
            yield topic_id, kind


def _chart(rows: int) -> float:
    return CHART + CHART_ROW * rows


def _levels(page: Sequence[TopicResult]) -> Iterator[Wanted]:
    for topic in page:
        # A chart of hidden figures is an empty frame.
        if any(result.total.now.shown for result in topic.indicators if not result.subset):
            yield 0, _chart(_on_scale(topic)), topic.id, "topic"
        headline = _headline(topic)
        if headline and topic.id != AREAS_TOPIC and has_area_chart(headline):
            yield 1, _chart(1 + len(headline.areas)), topic.id, "areas"


def _groups(report: MunicipalityReport, page: Sequence[TopicResult]) -> Iterator[Wanted]:
    for topic in page:
        headline = _headline(topic)
        if headline and _has_groups(headline):
            yield 0, _chart(3 + len(report.age_labels)), topic.id, "groups"
        if any(group.now.shown for result in topic.indicators for group in result.genders):
            yield 1, _chart(_on_scale(topic)), topic.id, "genders"
        if headline and _is_mostly_shown([group for row in headline.crossed for group in row]):
            yield 2, TABLE + (TABLE_PADDING + 2 * TABLE_LINE) * len(headline.crossed), topic.id, "crossed"


def _headline(topic: TopicResult) -> IndicatorResult | None:
    return next((result for result in topic.indicators if result.headline), None)


def _is_mostly_shown(groups: Sequence[GroupFigures]) -> bool:
    """A table of dots tells nobody anything."""
    return 2 * sum(group.now.shown for group in groups) > len(groups)


def _on_scale(topic: TopicResult) -> int:
    return sum(not result.subset for result in topic.indicators)


def _left_height(report: MunicipalityReport, topic: TopicResult) -> float:
    """Everything of a topic's left page but its chart."""
    text = sum(
        PARAGRAPH_LINE * _lines(sentence, LETTERS_IN_LINE) + PARAGRAPH_GAP
        for sentence in (*topic.findings, topic.beside)
        if sentence
    )
    rows = sum(_row(one, 1) for one in topic.indicators)
    noted = report.comment(topic.id)
    comment = _comment_height(noted.text) if noted else 0.0
    letters = sum(len("".join(parts)) + 8 for parts in measures(topic))
    return HEADING + text + comment + TABLE + rows + NOTE_LINE * -(-letters // LETTERS_IN_NOTE)


def _comment_height(text: str) -> float:
    return COMMENT + PARAGRAPH_LINE * _lines(text, LETTERS_IN_LINE)


def _right_height(topic: TopicResult) -> float:
    """Everything of a topic's right page but its charts."""
    groups = max((len((*one.genders, *one.ages)) for one in topic.indicators), default=0)
    lines = 1 if groups <= GROUPS_IN_LINE else 2
    return HEADING + TABLE + sum(_row(one, lines + _is_marked(one)) for one in topic.indicators)


def _row(result: IndicatorResult, lines: int) -> float:
    """A row of a table whose cells have so many lines."""
    return TABLE_PADDING + TABLE_LINE * max(lines, _lines(result.label, LETTERS_IN_LABEL))


def _has_groups(result: IndicatorResult) -> bool:
    """Whether there is more than one group to look at."""
    return sum(group.now.shown for group in (result.total, *result.genders, *result.ages)) > 1


def _is_marked(result: IndicatorResult) -> bool:
    return any(group.change.certain for group in (*result.genders, *result.ages))


def _lines(text: str, letters: int) -> int:
    return -(-len(text) // letters)
