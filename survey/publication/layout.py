"""What fits on a page: estimated heights in millimetres decide which charts a topic's page has room for."""

from collections.abc import Iterator, Sequence

from survey.publication.content import IndicatorResult, MunicipalityReport, TopicResult
from survey.publication.wording import enumeration

PAGE = 262.0 - 3.0  # A4 less margins, less what the estimate may be wrong by
HEADING = 12.0
PARAGRAPH_LINE = 4.9
PARAGRAPH_GAP = 1.5
LETTERS_IN_LINE = 100
CHART = 31.5  # title, subtitle, keys, scale, source and margins
CHART_ROW = 4.5
TABLE = 17.5  # caption and heads
TABLE_LINE = 3.05
TABLE_PADDING = 2.6
NOTE_LINE = 3.75
LETTERS_IN_NOTE = 125
KEY_TABLE = 13.5
PROFILE = 26.5  # the chart of problems without its rows
PROFILE_ROW = 4.0
SENTENCE = 8.2  # a sentence of the first page without its lines
SENTENCE_LINE = 5.95
LETTERS_IN_SENTENCE = 76
ENTRY = 5.9
LIST_LENGTH = 4  # certain changes that the first page lists in each direction
SHORT_TOPIC = 3  # topics with at most so many measures share a page
COMMON_BASE = " Vet inte och vill inte svara räknas inte med."  # said once, on the page about method
AREA_ROWS = 18  # at most so many areas also as a chart


def topic_pages(report: MunicipalityReport) -> tuple[tuple[TopicResult, ...], ...]:
    """Topics by page: one each, but two short ones in a row share one."""
    pages: list[tuple[TopicResult, ...]] = []
    for topic in report.topics:
        last = pages[-1] if pages else ()
        if len(last) == 1 and max(len(topic.indicators), len(last[0].indicators)) <= SHORT_TOPIC:
            pages[-1] = (*last, topic)
        else:
            pages.append((topic,))
    return tuple(pages)


def findings(page: Sequence[TopicResult], topic: TopicResult) -> tuple[str, ...]:
    """A topic alone on its page says up to three things; of two, the first says two and the second one."""
    if len(page) == 1:
        return topic.findings
    return topic.findings[: 2 if topic is page[0] else 1]


def choose_charts(report: MunicipalityReport, page: Sequence[TopicResult]) -> frozenset[tuple[str, str]]:
    """The charts that a page has room for, as (topic, kind); what matters most is placed first.

    Kinds: `topic` (measures now and before), `groups` (the headline by gender and age), `genders`.
    """
    left = PAGE - sum(_height(page, topic) for topic in page)
    chosen = set()
    for _, rows, topic_id, kind in sorted(_wanted(report, page)):
        height = CHART + CHART_ROW * rows
        if rows and height <= left:
            chosen.add((topic_id, kind))
            left -= height
    return frozenset(chosen)


def has_profile_room(report: MunicipalityReport) -> bool:
    """Whether the chart of problems fits under the sentences and key figures of the first page."""
    summary = report.summary
    sentences = sum(
        SENTENCE + SENTENCE_LINE * _lines(sentence, LETTERS_IN_SENTENCE) for sentence in summary.sentences
    )
    table = KEY_TABLE + len(report.headlines) * (TABLE_PADDING + 2 * TABLE_LINE)
    entries = min(max(len(summary.better), len(summary.worse), 1), LIST_LENGTH + 1)
    changes = HEADING + ENTRY * (1 + entries) if report.previous else 0.0
    problems = next((topic.indicators for topic in report.topics if topic.id == "problems"), ())
    if not any(result.total.now.shown for result in problems):
        return False
    return HEADING + sentences + table + changes + PROFILE + PROFILE_ROW * len(problems) <= PAGE


def measures(topic: TopicResult) -> list[tuple[str, str, str]]:
    """What is measured and among whom, said once for all measures that share it."""
    shared: dict[tuple[str, str], list[str]] = {}
    for result in topic.indicators:
        shared.setdefault((result.measure, result.base_text), []).append(result.label)
    everything = len(shared) == 1
    return [
        (measure, base.replace(COMMON_BASE, ""), "Alla mått" if everything else enumeration(labels))
        for (measure, base), labels in shared.items()
    ]


def _wanted(report: MunicipalityReport, page: Sequence[TopicResult]) -> Iterator[tuple[int, int, str, str]]:
    """Charts as (priority, rows, topic, kind)."""
    for topic in page:
        if not any(result.total.now.shown for result in topic.indicators):
            continue  # a chart of hidden figures is an empty frame
        rows = sum(not result.subset for result in topic.indicators)
        has_headline = any(result.headline and _has_groups(result) for result in topic.indicators)
        # One or two measures say more by gender and age than beside each other.
        few = rows <= 2 and has_headline
        yield (4 if few else 1), rows, topic.id, "topic"
        yield (0 if few else 2), (3 + len(report.age_labels) if has_headline else 0), topic.id, "groups"
        genders = any(group.now.shown for result in topic.indicators for group in result.genders)
        yield 3, (rows if genders else 0), topic.id, "genders"


def _height(page: Sequence[TopicResult], topic: TopicResult) -> float:
    """Everything of a topic but its charts."""
    text = sum(
        PARAGRAPH_LINE * _lines(finding, LETTERS_IN_LINE) + PARAGRAPH_GAP for finding in findings(page, topic)
    )
    rows = sum(TABLE_PADDING + TABLE_LINE * (3 if _is_marked(result) else 2) for result in topic.indicators)
    letters = sum(len("".join(parts)) + 8 for parts in measures(topic))
    return HEADING + text + TABLE + rows + NOTE_LINE * -(-letters // LETTERS_IN_NOTE)


def _has_groups(result: IndicatorResult) -> bool:
    """Whether there is more than one group to look at."""
    return sum(group.now.shown for group in (result.total, *result.genders, *result.ages)) > 1


def _is_marked(result: IndicatorResult) -> bool:
    return any(group.change.certain for group in (*result.genders, *result.ages))


def _lines(text: str, letters: int) -> int:
    return -(-len(text) // letters)
