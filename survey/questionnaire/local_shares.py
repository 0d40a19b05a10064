"""How the answers to a municipality's own questions are counted: each as one simple share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from survey.questionnaire.additions import shares
from survey.questionnaire.definition import JOIN, OptionKind, Question, Questionnaire, addition_source
from survey.questionnaire.indicators import Indicator

TOPIC = "local"


@cache
def local_shares(questionnaire: Questionnaire) -> tuple[Indicator, ...]:
    """The indicators of the own questions in a questionnaire; none when it is the core alone."""
    _, _, name = questionnaire.name.partition(JOIN)
    if not name:
        return ()
    counted = []
    for entry in shares(addition_source(name)):
        question = questionnaire.question(str(entry["id"]))
        if question is not None:
            counted.append(_indicator(entry, question))
    return tuple(counted)


def _indicator(entry: Mapping[str, Any], question: Question) -> Indicator:
    outside = tuple(entry.get("outside", ()))
    regular = question.codes_of_kind(OptionKind.REGULAR)
    yes = [option.text for option in question.options if option.code in entry["yes"]]
    return Indicator(
        id=question.id,
        topic=TOPIC,
        label=entry["label"],
        verb="",
        adverb="",
        of="",
        rest="",
        measure=f"Andel som svarade {' eller '.join(f'”{text}”' for text in yes)}.",
        base_text=_base_text([option.text for option in question.options if option.code in outside]),
        type="binary",
        items=(question.id,),
        yes=tuple(entry["yes"]),
        levels=tuple(code for code in regular if code not in outside),
        dont_know=(*question.codes_of_kind(OptionKind.DONT_KNOW), *outside),
        refused=question.codes_of_kind(OptionKind.REFUSED),
        base=_base(question),
        unit=question.unit,
        direction=entry.get("direction", "down"),
        headline=False,
        sensitive=entry.get("sensitive", False),
        comparable_since="",
    )


def _base_text(outside: Sequence[str]) -> str:
    """Who is counted, in words; the answers that say that the question is not about them by name."""
    said = [f" Svaret {' och '.join(f'”{text}”' for text in outside)} räknas inte med."] if outside else []
    return "".join(
        ("De som tog ställning i frågan.", *said, " Vet inte och vill inte svara räknas inte med.")
    )


def _base(question: Question) -> str:
    """Who was asked, by the question's own filter, which comes last; "" for everybody."""
    return "|".join(
        f"{condition.question}={code}" for condition in question.conditions[-1:] for code in condition.codes
    )
