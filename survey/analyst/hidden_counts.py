"""How many rows are hidden, by the kind of group and the words of the reason."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from survey.processing.review import HiddenCount
from survey.publication.wording import reason as reason_words


@dataclass(frozen=True)
class HiddenByWords:
    """Kinds of groups by reasons, both with the commonest first."""

    reasons: tuple[str, ...]
    kinds: Mapping[str, Counter[str]]


def hidden_by_words(counts: Iterable[HiddenCount]) -> HiddenByWords:
    """The counts crossed; reasons that readers are told in the same words are one."""
    kinds: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    for count in counts:
        words = reason_words(count.reason)
        kinds.setdefault(count.kind, Counter())[words] += count.rows
        reasons[words] += count.rows
    ordered = sorted(kinds.items(), key=lambda item: -item[1].total())
    return HiddenByWords(tuple(words for words, _ in reasons.most_common()), dict(ordered))
