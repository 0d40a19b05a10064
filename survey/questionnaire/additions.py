"""A municipality's own questions: read beside the core, checked with it, placed where the core says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey.questionnaire.places import at, is_list, is_text, mappings, questions
from survey.questionnaire.validation import NAME, find_faults
from survey.questionnaire.yaml_source import Located

REQUIRED = ("name", "core", "title", "pages")
ALLOWED = {*REQUIRED, "scales"}
# How the answers to an own question are counted: as one simple share.
SHARE_KEYS = ("label", "yes", "outside", "direction", "sensitive")
# Own questions lengthen a survey whose core is the same for everybody: more than this and people leave.
MOST_QUESTIONS = 10


def find_addition_faults(source: Mapping[str, Any], core: Mapping[str, Any]) -> list[str]:
    """Every fault of the own questions, alone and together with the core they are added to."""
    return [*_alone(source, core), *find_faults(merge(core, source))]


def merge(core: Mapping[str, Any], source: Mapping[str, Any]) -> Located:
    """The core with the own pages at its declared place; what counts the answers is left out."""
    pages = core["pages"]
    names = [page["id"] for page in pages]
    place = names.index(core["additions_after"]) + 1 if "additions_after" in core else len(pages)
    own = source.get("pages")
    scales = source.get("scales")
    merged = Located({key: value for key, value in core.items() if key != "additions_after"})
    merged["scales"] = {**(core.get("scales") or {}), **(scales if isinstance(scales, Mapping) else {})}
    added = [_asked(page) for page in own] if isinstance(own, list) else []
    merged["pages"] = [*pages[:place], *added, *pages[place:]]
    merged.line = getattr(source, "line", 0)
    return merged


def shares(source: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The own questions whose answers are counted."""
    return (question for _, question, _ in questions(source) if "yes" in question)


def _asked(page: Any) -> Any:
    """A page as residents meet it, with the lines of its file."""
    if not isinstance(page, Mapping) or not isinstance(page.get("questions"), list):
        return page
    kept = _without(page, ())
    kept["questions"] = [
        _without(question, SHARE_KEYS) if isinstance(question, Mapping) else question
        for question in page["questions"]
    ]
    return kept


def _without(entry: Mapping[str, Any], keys: tuple[str, ...]) -> Located:
    kept = Located({key: value for key, value in entry.items() if key not in keys})
    kept.line = getattr(entry, "line", 0)
    return kept


def _alone(source: Mapping[str, Any], core: Mapping[str, Any]) -> Iterator[str]:
    place = at(source, "local questions")
    yield from (f"{place}: the key {key!r} is unknown" for key in source if key not in ALLOWED)
    yield from (f"{place}: the key {key!r} is missing" for key in REQUIRED if key not in source)
    name = source.get("name")
    if "name" in source and not (isinstance(name, str) and NAME.fullmatch(name)):
        yield f"{place}: the name {name!r} must be a-z, 0-9 and _, starting with a letter"
    if "title" in source and not is_text(source["title"]):
        yield f"{place}: the text 'title' is missing"
    if "pages" in source and not is_list(source["pages"]):
        yield f"{place}: 'pages' must be a list with at least one page"
    if "additions_after" not in core:
        yield f"{place}: the core {core.get('name')!r} declares no place for local questions"
    yield from _names(source, f"{name}_")
    own = list(questions(source))
    if len(own) > MOST_QUESTIONS:
        yield f"{place}: {len(own)} questions, at most {MOST_QUESTIONS} may be added"
    for _, question, called in own:
        yield from _share(question, at(question, called), source, core)


def _names(source: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Own names start with the name of the file, so that no core ever comes to use them."""
    scales = source.get("scales")
    for scale in scales if isinstance(scales, Mapping) else ():
        if not str(scale).startswith(prefix):
            yield f"{at(source, f'scale {scale!r}')}: the name must start with {prefix!r}"
    pages = mappings(source.get("pages"))
    if pages and pages[0].get("continues") is True:
        yield f"{at(pages[0], 'page 1')}: the first own page cannot continue a page of the core"
    named = [(page, "page") for page in pages] + [(entry, "question") for _, entry, _ in questions(source)]
    for entry, kind in named:
        if "id" in entry and not str(entry["id"]).startswith(prefix):
            place = at(entry, f"{kind} {str(entry['id'])!r}")
            yield f"{place}: the id must start with {prefix!r}"


def _share(
    question: Mapping[str, Any], place: str, source: Mapping[str, Any], core: Mapping[str, Any]
) -> Iterator[str]:
    """What is wrong in how a question is counted."""
    given = [key for key in SHARE_KEYS if key in question]
    if not given:
        return
    if "yes" not in question or not is_text(question.get("label")):
        yield f"{place}: a counted question needs both 'yes' and 'label'"
    filters = question.get("show_if")
    if isinstance(filters, Mapping) and len(filters) > 1:
        yield f"{place}, show_if: a counted question has one filter, or its share would have no single base"
    if question.get("direction", "up") not in ("up", "down"):
        yield f"{place}: 'direction' is {question['direction']!r} but must be one of up, down"
    if question.get("sensitive", False) not in (True, False):
        yield f"{place}: 'sensitive' is {question['sensitive']!r} but must be one of True, False"
    yield from _counted(question, place, _regular_codes(question, source, core))


def _counted(question: Mapping[str, Any], place: str, regular: list[str]) -> Iterator[str]:
    for key in ("yes", "outside"):
        if key in question and not is_list(question[key]):
            yield f"{place}, {key}: must be a list with at least one code"
        for code in question[key] if is_list(question.get(key)) else ():
            if code not in regular:
                yield f"{place}, {key}: there is no answer with the code {code!r} that can be counted"
    if is_list(question.get("yes")) and regular and {str(code) for code in question["yes"]} >= set(regular):
        yield f"{place}, yes: every answer is counted, so the share is always one"


def _regular_codes(
    question: Mapping[str, Any], source: Mapping[str, Any], core: Mapping[str, Any]
) -> list[str]:
    scales = merge(core, source)["scales"]
    options = mappings(question.get("options", scales.get(str(question.get("scale")))))
    return [str(option.get("code")) for option in options if option.get("kind", "regular") == "regular"]
