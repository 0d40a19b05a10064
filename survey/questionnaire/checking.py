"""Everything that is wrong with a questionnaire file, whatever kind it is, in one go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from survey.questionnaire import definition, indicators
from survey.questionnaire.places import texts
from survey.questionnaire.yaml_source import Located, QuestionnaireError, read_source

Catalogues = Mapping[str, Collection[str]]  # by language, the Swedish texts that are translated


def check(path: Path, catalogues: Catalogues) -> tuple[str, ...]:
    """Every fault of a questionnaire, of a set of local questions, or of a file of indicators.

    What residents read must stand in each of the catalogues.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return (f"{path.name}: not readable as UTF-8: {error.reason} at byte {error.start}",)
    try:
        source = read_source(text, path.name)
    except QuestionnaireError as error:
        return error.faults
    return tuple(_faults(text, path.name, source, catalogues))


def find_untranslated(source: Located, catalogues: Catalogues) -> Iterator[str]:
    """Each text of a file that lacks a translation, with its place and the languages."""
    told: set[str] = set()
    for text, place in texts(source):
        missing = [code for code, known in catalogues.items() if text not in known]
        if missing and text not in told:
            told.add(text)
            yield f"{place}: no translation to {', '.join(missing)}: {text!r}"


def _faults(text: str, file: str, source: Located, catalogues: Catalogues) -> Iterator[str]:
    if "indicators" in source:
        yield from _raised(lambda: indicators.parse(text, file))
        return
    if "core" in source:
        yield from _raised(lambda: _parse_addition(text, file, source))
    else:
        yield from _core(text, file)
    yield from (f"{file}: {fault}" for fault in find_untranslated(source, catalogues))


def _core(text: str, file: str) -> Iterator[str]:
    """The faults of a questionnaire, and of the indicators that are counted on it."""
    faults = list(_raised(lambda: definition.parse_core(text, file)))
    yield from faults
    with suppress(QuestionnaireError):
        questionnaire = definition.parse(text, file)
        counted = indicators.INDICATORS.read_text(encoding="utf-8")
        if read_source(counted, indicators.INDICATORS.name).get("questionnaire") == questionnaire.name:
            yield from _raised(lambda: indicators.parse(counted, indicators.INDICATORS.name, questionnaire))


def _parse_addition(text: str, file: str, source: Located) -> object:
    core = str(source["core"])
    definition.load(core)
    return definition.parse_addition(text, file, definition.core_source(core))


def _raised(attempt: Callable[[], object]) -> tuple[str, ...]:
    """The faults that stop a file from being read; none when it can be."""
    try:
        attempt()
    except QuestionnaireError as error:
        return error.faults
    return ()
