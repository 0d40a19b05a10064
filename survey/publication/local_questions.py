"""The measures of a municipality's own questions, as the release says that they were asked."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from survey.publication import wording
from survey.publication.content import IndicatorResult, TopicResult
from survey.publication.embargo import Reader
from survey.publication.payload import measure_result
from survey.publication.questions import as_asked
from survey.publication.released import Released
from survey.publication.releases import find_release
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.indicators import Indicator
from survey.questionnaire.local_shares import TOPIC, local_shares

TITLE = "Kommunens egna frågor"
NOT_COMPARED = "Kommunens egna frågor jämförs inte med tidigare mätningar."


@dataclass(frozen=True)
class LocalMeasures:
    """What a municipality asked of its own, where the library has it as it was."""

    measures: tuple[Indicator, ...] = ()
    questionnaire: Questionnaire | None = None

    def measure(self, indicator_id: str) -> Indicator | None:
        return next((one for one in self.measures if one.id == indicator_id), None)


NONE_OWN = LocalMeasures()


def questionnaires_in(
    manifest: str, asked_in: Callable[[str], bool] = lambda _code: True
) -> list[Questionnaire]:
    """The questionnaires with local questions of a release, of some municipalities or all."""
    asked = {(own["name"], own["hash"]) for code, own in _asked(manifest).items() if asked_in(code)}
    return [found for one in sorted(asked) if (found := as_asked(*one))]


def local_measures(session: Session, wave_code: str, municipality_code: str, reader: Reader) -> LocalMeasures:
    """The measures of a municipality's own questions in its newest release; none where it had none."""
    manifest = find_release(session, wave_code, reader).manifest
    for questionnaire in questionnaires_in(manifest, lambda code: code == municipality_code):
        return LocalMeasures(local_shares(questionnaire), questionnaire)
    return NONE_OWN


def local_topic(released: Released, found: LocalMeasures) -> TopicResult | None:
    """The own questions as one topic; None where there are none."""
    if not found.measures:
        return None
    results = tuple(local_result(released, measure) for measure in found.measures)
    return TopicResult(TOPIC, TITLE, wording.NO_COMPARISON, (), results)


def local_result(released: Released, measure: Indicator) -> IndicatorResult:
    """One of the own measures, of which nothing is said but its level."""
    return replace(measure_result(released, measure), change_sentence=NOT_COMPARED)


def _asked(manifest: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(manifest).get("local_questions", {})
    return found
