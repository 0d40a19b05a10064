"""The measures of a municipality's own questions, as the release says that they were asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from survey.models.release import Release
from survey.publication import wording
from survey.publication.content import IndicatorResult, TopicResult
from survey.publication.embargo import Reader
from survey.publication.payload import measure_result
from survey.publication.released import Released
from survey.publication.releases import find_release
from survey.questionnaire import definition
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.indicators import Indicator
from survey.questionnaire.local_shares import TOPIC, local_shares
from survey.questionnaire.yaml_source import QuestionnaireError

TITLE = "Kommunens egna frågor"
NOT_COMPARED = "Kommunens egna frågor jämförs inte med tidigare mätningar."


@dataclass(frozen=True)
class LocalMeasures:
    """What a municipality asked of its own; the questionnaire only where the library has it as it was."""

    measures: tuple[Indicator, ...] = ()
    questionnaire: Questionnaire | None = None

    def measure(self, indicator_id: str) -> Indicator | None:
        return next((one for one in self.measures if one.id == indicator_id), None)


NONE_OWN = LocalMeasures()


def names_in(release: Release, municipality_code: str | None = None) -> list[str]:
    """The questionnaires with local questions that a municipality, or any, was asked."""
    asked = _asked(release)
    return sorted({own["name"] for code, own in asked.items() if municipality_code in (None, code)})


def local_measures(session: Session, wave_code: str, municipality_code: str, reader: Reader) -> LocalMeasures:
    """The measures of a municipality's own questions in its newest release; none where it had none."""
    own = _asked(find_release(session, wave_code, reader)).get(municipality_code)
    if own is None:
        return NONE_OWN
    try:
        questionnaire = definition.load(own["name"])
    except QuestionnaireError:
        return NONE_OWN
    as_asked = questionnaire if questionnaire.hash == own["hash"] else None
    return LocalMeasures(local_shares(questionnaire), as_asked)


def local_topic(released: Released, found: LocalMeasures) -> TopicResult | None:
    """The own questions as one topic; None where there are none."""
    if not found.measures:
        return None
    results = tuple(local_result(released, measure) for measure in found.measures)
    return TopicResult(TOPIC, TITLE, wording.NO_COMPARISON, (), results)


def local_result(released: Released, measure: Indicator) -> IndicatorResult:
    """One of the own measures, of which nothing is said but its level."""
    return replace(measure_result(released, measure), change_sentence=NOT_COMPARED)


def _asked(release: Release) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(release.manifest).get("local_questions", {})
    return found
