"""The three sentences that matter, chosen by rule from what is certain, then from what is large."""

from collections.abc import Sequence

from survey.publication import standing_out, verdict_lists, wording
from survey.publication.changed_parts import ChangedPart, parts_sentence
from survey.publication.content import IndicatorResult, Summary, TopicResult, WaveText
from survey.publication.released import Place
from survey.publication.speech import say
from survey.questionnaire.indicators import Indicator

PROFILE_TOPIC = "problems"


def by_size(results: Sequence[IndicatorResult]) -> list[IndicatorResult]:
    """Certain changes, headlines first, then the largest."""
    certain = [result for result in results if result.total.change.certain]
    return sorted(certain, key=lambda result: (not result.headline, -abs(result.total.change.value or 0.0)))


def topic_findings(results: Sequence[IndicatorResult], has_previous: bool) -> tuple[str, ...]:
    """At most three sentences of a topic: certain changes, else the level and what cannot be known."""
    certain = [result.change_sentence for result in by_size(results)[:3]]
    first = next((result for result in results if result.headline), results[0])
    if len(certain) >= 2:
        return tuple(certain)
    found = [first.level_sentence, *certain]
    if not certain and has_previous:
        found.append(first.change_sentence)
    return tuple(found)


def build_summary(
    topics: Sequence[TopicResult],
    library: dict[str, Indicator],
    waves: tuple[WaveText, WaveText | None],
    place: Place,
    parts: Sequence[ChangedPart],
) -> Summary:
    """What matters here, what changed for certain, what cannot be known; `parts` have changed for certain."""
    results = [result for topic in topics for result in topic.indicators]
    wave, previous = waves
    certain = by_size(results)
    sizes = [size for result in results if (size := result.total.change.detectable_points) is not None]
    counts = detectable = ""
    if previous is not None:
        counts = wording.verdict_counts(
            [result.total.change for result in results],
            (previous.name, wave.name),
            wording.WHOLES[place.geography],
        )
        counts = f"{counts} {parts_sentence(parts)}".strip()
        detectable = wording.detectable_sentence(sizes)
    telling = _most_telling(certain)
    sentences = [result.change_sentence for result in telling]
    sentences += _profile_sentences(topics, {result.id for result in telling})
    if previous is None:
        sentences.append(say("Det finns ingen tidigare mätning att jämföra med."))
    else:
        sentences = [*sentences[:2], f"{counts} {detectable}".strip()]
    region, kind = standing_out.beside_regions(results), standing_out.beside_kinds(results)
    return Summary(
        tuple(sentences[:3]),
        tuple(_entry(result, library) for result in certain if result.total.change.tone == "better"),
        tuple(_entry(result, library) for result in certain if result.total.change.tone == "worse"),
        counts,
        detectable,
        unchanged=verdict_lists.unchanged(results),
        unknown=verdict_lists.unknown(results),
        not_shown=verdict_lists.not_shown(results),
        beside=standing_out.counts(region),
        beside_better=standing_out.entries(region, "better"),
        beside_worse=standing_out.entries(region, "worse"),
        kind=standing_out.counts(kind),
        kind_better=standing_out.entries(kind, "better"),
        kind_worse=standing_out.entries(kind, "worse"),
        areas=verdict_lists.areas_counts(results, place.name),
        areas_worse=verdict_lists.worse_areas(results),
    )


def _most_telling(certain: Sequence[IndicatorResult]) -> list[IndicatorResult]:
    """The first certain change, and the first that goes the other way when there is one."""
    if len(certain) < 2:
        return list(certain)
    tone = certain[0].total.change.tone
    other = next((result for result in certain if result.total.change.tone != tone), certain[1])
    return [certain[0], other]


def _profile_sentences(topics: Sequence[TopicResult], told: set[str]) -> list[str]:
    """What most of those asked call a large problem, and how sure the order is.

    `told` are the measures that earlier sentences are about; then there is room for one more sentence.
    """
    problems = next((topic.indicators for topic in topics if topic.id == PROFILE_TOPIC), ())
    shown = sorted(
        (result for result in problems if result.total.now.shown),
        key=lambda result: -(result.total.now.value or 0),
    )
    if not shown:
        return [say("Problem i området visas inte: för få har svarat, eller så är siffrorna för osäkra.")]
    return [shown[0].level_sentence, order_sentence(shown)] if not told else [_placed(shown, told)]


def contenders(ordered: Sequence[IndicatorResult]) -> list[IndicatorResult]:
    """The measures whose interval reaches that of the first, the largest: they may be as large.

    Two measures of one place have no released test. Where their intervals lie apart they differ by more than
    both half widths together, which is certain however the answers to the two go together.
    """
    lowest = ordered[0].total.now.lower or 0
    return [result for result in ordered[1:] if (result.total.now.upper or 0) >= lowest]


def _placed(shown: Sequence[IndicatorResult], told: set[str]) -> str:
    """The level of the largest problem and its place, in one sentence; briefer when it was spoken of."""
    order = order_sentence(shown)
    if shown[0].id in told:
        first = say(
            "Bland problemen är det uppmätta värdet högst för %(problem)s.", problem=_with_share(shown[0])
        )
        return f"{first} {order}"
    return f"{shown[0].level_sentence} {order}"


def order_sentence(shown: Sequence[IndicatorResult]) -> str:
    """How sure it is that the first is the largest: said only when no other interval reaches its own."""
    others, rivals = len(shown) - 1, contenders(shown)
    if not others:
        return say("Inget annat problem kan visas.")
    if not rivals and others == 1:
        return say("Det är en högre andel än för det andra problem som visas.")
    if not rivals:
        return say(
            "Det är en högre andel än för något av de andra %(count)s problem som visas.", count=others
        )
    named = wording.enumeration([_with_share(result) for result in rivals[:2]])
    if len(rivals) > 2:
        named = say("%(count)s andra, bland dem %(named)s", count=len(rivals), named=named)
    return say(
        "Vilket problem som är störst går inte att säga: intervallet överlappar det för %(named)s.",
        named=named,
    )


def _with_share(result: IndicatorResult) -> str:
    label = result.label[:1].lower() + result.label[1:]
    return f"{label}, {wording.in_words(result.total.now.value)} ({result.total.now.interval})"


def _entry(result: IndicatorResult, library: dict[str, Indicator]) -> str:
    return wording.short_change(library[result.id], result.total.change)
