"""Every class of fault, planted in every place of the shipped files where it can stand, is named."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from survey.questionnaire import definition, indicators
from survey.questionnaire.additions import find_addition_faults
from survey.questionnaire.checking import check, find_untranslated
from survey.questionnaire.definition import ADDITIONS, LIBRARY
from survey.questionnaire.indicator_validation import find_indicator_faults
from survey.questionnaire.locking import locked_items
from survey.questionnaire.places import texts
from survey.questionnaire.validation import find_faults
from survey.questionnaire.yaml_source import Located, read_source

CORE = LIBRARY / "trygghet.yaml"
LOCAL = ADDITIONS / "skargard.yaml"
Source = dict[str, Any]
Mutation = Callable[[Source], Iterator[str]]
"""Plants one fault after another; after each it says how the fault must be named, and takes it back."""


def source_of(path: Any) -> Source:
    loaded = json.loads(json.dumps(read_source(path.read_text(encoding="utf-8"), path.name)))
    assert isinstance(loaded, dict)
    return loaded


def asked(source: Source) -> list[tuple[Source, Source, str]]:
    return [
        (page, question, f"page '{page['id']}', question '{question['id']}'")
        for page in source["pages"]
        for question in page["questions"]
    ]


def planted(entry: Source, key: str, value: object) -> Iterator[None]:
    """The fault stands while the caller looks."""
    before = entry.get(key)
    entry[key] = value
    yield
    entry[key] = before
    if before is None:
        del entry[key]


def unknown_targets(source: Source) -> Iterator[str]:
    for _, question, place in asked(source):
        for _ in planted(question, "show_if", {"nobody_asks_this": ["1"]}):
            yield f"{place}, show_if: the question 'nobody_asks_this' does not exist"


def forward_filters(source: Source) -> Iterator[str]:
    last = source["pages"][-1]["questions"][-1]["id"]
    for page, question, place in asked(source):
        if page is not source["pages"][-1]:
            for _ in planted(question, "show_if", {last: ["1"]}):
                yield f"{place}, show_if: the question '{last}' comes later"


def filters_on_the_same_page(source: Source) -> Iterator[str]:
    for page, question, place in asked(source):
        target = page["questions"][0]["id"]
        for _ in planted(question, "show_if", {target: ["1"]}):
            yield f"{place}, show_if: the question '{target}' stands on the same page"


def unreachable_questions(source: Source) -> Iterator[str]:
    """A page that wants one answer of questions whose own filter wants another."""
    for page, question, place in asked(source):
        for target, codes in question.get("show_if", {}).items():
            other = "2" if codes == ["1"] else "1"
            for _ in planted(page, "show_if", {target: [other]}):
                yield f"{place}: is never asked, its filters want different answers to '{target}' at once"


def unknown_codes(source: Source) -> Iterator[str]:
    for _, question, place in asked(source):
        for target in question.get("show_if", {}):
            for _ in planted(question, "show_if", {target: ["77"]}):
                yield f"{place}, show_if: the question '{target}' has no option with the code '77'"


def doubled_ids(source: Source) -> Iterator[str]:
    first = source["pages"][0]["questions"][0]["id"]
    for _, question, _ in asked(source)[1:]:
        for _ in planted(question, "id", first):
            yield f"question '{first}': this question id is already used at question '{first}'"


def lists_of_options(source: Source) -> Iterator[tuple[list[Source], str]]:
    for name, options in source.get("scales", {}).items():
        yield options, f"scale '{name}'"
    for _, question, place in asked(source):
        if "options" in question:
            yield question["options"], place


def doubled_codes(source: Source) -> Iterator[str]:
    for options, place in lists_of_options(source):
        for number in range(2, len(options) + 1):
            for _ in planted(options[number - 1], "code", options[0]["code"]):
                yield f"{place}, option {number}: the code '{options[0]['code']}' is used twice"


def reused_codes(source: Source) -> Iterator[str]:
    """An answer under the code that means "vet inte" elsewhere."""
    elsewhere = {"code": "88", "text": "Vet inte alls", "kind": "dont_know"}
    for options, place in list(lists_of_options(source)):
        for _ in planted(source["scales"], "problem", [*source["scales"]["problem"], elsewhere]):
            if not place.endswith("'problem'"):
                for _ in planted(options[0], "code", "88"):
                    yield f"{place}, option 1: the code '88' is reused, it is 'regular' here"


def options_that_read_the_same(source: Source) -> Iterator[str]:
    for options, place in lists_of_options(source):
        for _ in planted(options[1], "text", options[0]["text"]):
            yield f"{place}, option 2: reads the same as option 1"


def wrong_units(source: Source) -> Iterator[str]:
    for _, question, place in asked(source):
        for _ in planted(question, "unit", "street"):
            yield f"{place}: 'unit' is 'street' but must be one of person, household"
        for target in question.get("show_if", {}):
            other = "person" if question.get("unit") == "household" else "household"
            for _ in planted(question, "unit", other):
                yield f"{place}: is about the {other} but follows from '{target}'"


def missing_texts(source: Source) -> Iterator[str]:
    for _, question, place in asked(source):
        for _ in planted(question, "text", " "):
            yield f"{place}: the text 'text' is missing"


def unknown_scales(source: Source) -> Iterator[str]:
    for _, question, place in asked(source):
        if "scale" in question:
            for _ in planted(question, "scale", "nothing"):
                yield f"{place}: the scale 'nothing' does not exist"


def answered_in_two_ways(source: Source) -> Iterator[str]:
    """A question with options that is to be answered in one's own words too."""
    for _, question, place in asked(source):
        for _ in planted(question, "free_text", 500):
            yield f"{place}: needs one of 'options', 'scale' and 'free_text', and only one"


MUTATIONS: list[Mutation] = [
    unknown_targets,
    forward_filters,
    filters_on_the_same_page,
    unreachable_questions,
    unknown_codes,
    doubled_ids,
    doubled_codes,
    reused_codes,
    options_that_read_the_same,
    wrong_units,
    missing_texts,
    unknown_scales,
    answered_in_two_ways,
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.__name__ for mutation in MUTATIONS])
def test_a_fault_planted_anywhere_in_the_core_is_named_with_its_place(mutation: Mutation) -> None:
    source = source_of(CORE)
    whole = copy.deepcopy(source)
    named = 0
    for expected in mutation(source):
        assert [fault for fault in find_faults(source) if expected in fault], expected
        named += 1
    assert named > 0
    assert source == whole
    assert find_faults(source) == []


LOCAL_FAULTS: list[tuple[Callable[[Source], object], str]] = [
    (lambda it: it.update(name="Skargard"), "the name 'Skargard' must be a-z"),
    (lambda it: it.update(colour="blå"), "the key 'colour' is unknown"),
    (lambda it: it.pop("title"), "the key 'title' is missing"),
    (lambda it: it.update(pages=[]), "'pages' must be a list with at least one page"),
    (lambda it: it.update(pages="sidor"), "'pages' must be a list with at least one page"),
    (lambda it: it["pages"][0].update(id="boats"), "page 'boats': the id must start with 'skargard_'"),
    (lambda it: it["pages"][0].update(continues=True), "cannot continue a page of the core"),
    (lambda it: ferry(it).update(id="worry_fraud"), "question 'worry_fraud': the id must start with"),
    (
        lambda it: ferry(it).update(id="worry_fraud"),
        "question 'worry_fraud': this question id is already used",
    ),
    (lambda it: it["scales"].update(mine=it["scales"]["skargard_safety"]), "scale 'mine': the name must"),
    (lambda it: ferry(it).update(show_if={"housing": ["1"]}), "the question 'housing' comes later"),
    (lambda it: ferry(it).update(show_if={"gone": ["1"]}), "the question 'gone' does not exist"),
    (lambda it: ferry(it).update(yes=["8"]), "yes: there is no answer with the code '8' that can be counted"),
    (lambda it: ferry(it).update(outside=["7"]), "outside: there is no answer with the code '7'"),
    (
        lambda it: it["scales"]["skargard_safety"][0].update(code="8", text="Vet"),
        "option 1: the code '8' is reused, it is 'regular' here and 'dont_know' at",
    ),
    (lambda it: ferry(it).update(yes="3"), "yes: must be a list with at least one code"),
    (lambda it: ferry(it).update(yes=["1", "2", "3", "4", "5"]), "yes: every answer is counted"),
    (lambda it: ferry(it).pop("label"), "a counted question needs both 'yes' and 'label'"),
    (lambda it: ferry(it).pop("yes"), "a counted question needs both 'yes' and 'label'"),
    (
        lambda it: ferry(it).update(show_if={"victim_theft": ["1"], "victim_fraud": ["1"]}),
        "show_if: a counted question has one filter",
    ),
    (lambda it: ferry(it).update(direction="in"), "'direction' is 'in' but must be one of up, down"),
    (lambda it: ferry(it).update(sensitive="ja"), "'sensitive' is 'ja' but must be one of"),
    (lambda it: ferry(it).update(unit="harbour"), "'unit' is 'harbour' but must be one of"),
    (lambda it: it["pages"][0]["questions"].extend([ferry(it)] * 9), "12 questions, at most 10 may be added"),
]


def ferry(source: Source) -> Source:
    found = source["pages"][0]["questions"][0]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("change", "expected"), LOCAL_FAULTS, ids=[text for _, text in LOCAL_FAULTS])
def test_a_fault_planted_in_local_questions_is_named(
    change: Callable[[Source], object], expected: str
) -> None:
    core, source = source_of(CORE), source_of(LOCAL)
    assert find_addition_faults(source, core) == []
    change(source)
    assert [fault for fault in find_addition_faults(source, core) if expected in fault]


# The codes of local questions are compared with those of the core, whose scales the mutation changes.
OF_LOCAL = [mutation for mutation in MUTATIONS if mutation is not reused_codes]


@pytest.mark.parametrize("mutation", OF_LOCAL, ids=[mutation.__name__ for mutation in OF_LOCAL])
def test_local_questions_are_checked_as_the_core_is(mutation: Mutation) -> None:
    core, source = source_of(CORE), source_of(LOCAL)
    named = 0
    for expected in mutation(source):
        assert [fault for fault in find_addition_faults(source, core) if expected in fault], expected
        named += 1
    assert named > 0


def test_every_change_of_a_locked_item_is_named_and_others_may_change() -> None:
    locked = locked_items()["trygghet"]
    text = CORE.read_text(encoding="utf-8")
    named = 0
    for question in definition.load("trygghet").questions:
        if f"text: {question.text}\n" not in text:
            continue  # the text is folded over lines
        changed = text.replace(f"text: {question.text}\n", f"text: {question.text[:-1]} nu?\n")
        faults = definition_faults(changed)
        line = next(
            number for number, row in enumerate(text.splitlines(), 1) if f"- id: {question.id}" in row
        )
        expected = f"trygghet.yaml: line {line}, page"
        told = [fault for fault in faults if f"'{question.id}': is locked" in fault]
        assert bool(told) == (question.id in locked), question.id
        assert all(fault.startswith(expected) for fault in told)
        named += len(told)
    assert named > 25


def definition_faults(text: str) -> tuple[str, ...]:
    try:
        definition.parse_core(text, "trygghet.yaml")
    except definition.QuestionnaireError as error:
        return error.faults
    return ()


def test_a_locked_item_that_is_left_out_is_named() -> None:
    text = CORE.read_text(encoding="utf-8")
    start = text.index("      - id: unsafe_daytime")
    without = text[:start] + text[text.index("  - id: avoidance") :]
    assert definition_faults(without) == (
        "trygghet.yaml: line 5, questionnaire: the locked question 'unsafe_daytime' is missing",
    )


def test_an_option_that_an_indicator_names_cannot_go_in_silence() -> None:
    questionnaire = definition.load("trygghet")
    source = source_of(LIBRARY / "indicators.yaml")
    assert find_indicator_faults(source, questionnaire) == []
    for entry in source["indicators"]:
        for key in ("levels", "yes"):
            for position, code in enumerate(entry[key]):
                entry[key][position] = "77"
                found = find_indicator_faults(source, questionnaire)
                assert [fault for fault in found if f"'{entry['id']}'" in fault and "'77'" in fault]
                entry[key][position] = code


def test_a_text_without_translation_is_named_with_its_place_and_the_languages() -> None:
    for path in (CORE, LOCAL):
        source = read_source(path.read_text(encoding="utf-8"), path.name)
        everything = {text for text, _ in texts(source)}
        assert list(find_untranslated(source, {"en": everything, "ar": everything})) == []
        for text in everything:
            [fault] = find_untranslated(source, {"en": everything - {text}, "ar": everything})
            assert fault.startswith("line ")
            assert fault.endswith(f": no translation to en: {text!r}")


def test_all_kinds_of_faults_are_named_in_one_go(tmp_path: Any) -> None:
    text = CORE.read_text(encoding="utf-8")
    text = text.replace("title: Oro för brott\n", "title: Oro för brott\n    title: Oro\n")
    text = text.replace(
        "      - id: worry_fraud\n", "      - id: worry_fraud\n        show_if: {gone: ['1']}\n"
    )
    text = text.replace('{code: "2", text: Man}', '{code: "2", text: Kvinna}')
    text = text.replace("text: Narkotika som säljs eller används utomhus", 'text: ""')
    text = text.replace('{code: "man", text: Man}', '{code: "woman", text: Man}')
    file = tmp_path / "fel.yaml"
    file.write_text(text, encoding="utf-8")
    faults = check(file, {"en": set()})
    for part in ("written twice", "'gone' does not exist", "the text 'text' is missing", "is used twice"):
        assert [fault for fault in faults if part in fault], part
    assert [fault for fault in faults if "no translation to en" in fault]
    assert all(fault.startswith("fel.yaml: line ") for fault in faults)


def test_the_shipped_files_have_no_fault() -> None:
    for path in (CORE, LOCAL, indicators.INDICATORS):
        assert check(path, {}) == ()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: [", b"? [a]\n: b\n", b"core: none\nname: x\n", b""])
def test_a_file_that_is_no_questionnaire_is_told_apart(tmp_path: Any, content: bytes) -> None:
    file = tmp_path / "fel.yaml"
    file.write_bytes(content)
    faults = check(file, {})
    assert faults
    assert all(fault.startswith(("fel.yaml: ", "none.yaml: ")) for fault in faults)


def test_an_indicator_of_a_changed_core_is_checked_with_it(tmp_path: Any) -> None:
    file = tmp_path / "trygghet.yaml"
    text = CORE.read_text(encoding="utf-8").replace(
        '{code: "5", text: Mycket ofta}\n', '{code: "6", text: Mycket ofta}\n'
    )
    file.write_text(text, encoding="utf-8")
    faults = check(file, {})
    assert [fault for fault in faults if fault.startswith("indicators.yaml: ") and "'worry_fraud'" in fault]


def test_a_line_is_told_for_every_fault_in_a_file() -> None:
    broken = Located(read_source(CORE.read_text(encoding="utf-8"), "trygghet.yaml"))
    for _, question, _ in asked(broken):
        question["colour"] = "röd"
    lines = [int(fault.split()[1].strip(",")) for fault in find_faults(broken)]
    assert len(lines) == 45
    assert lines == sorted(lines)
