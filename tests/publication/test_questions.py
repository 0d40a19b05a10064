"""Questions stand as they were asked, with the answers that count; the declaration says what is stored."""

import re
from dataclasses import replace
from math import nan

import golden
import pandas as pd

from survey.publication.numbers import whole_percent
from survey.publication.payload import build_payload
from survey.publication.quality import build_quality
from survey.publication.questions import build_questions
from survey.publication.report.rendering import compose
from survey.questionnaire import definition
from survey.questionnaire import indicators as library


def test_every_measure_stands_by_its_questions_in_the_words_that_were_asked() -> None:
    topics = build_questions(golden.wave("2019"))
    questionnaire = definition.load("trygghet")
    blocks = [block for topic in topics for block in topic.blocks]
    asked = {question.text: (block, question) for block in blocks for question in block.questions}
    recipes = {label for topic in topics for label, _ in topic.recipes}
    for indicator in library.indicators():
        for item in indicator.items:
            question = questionnaire.question(item)
            assert question
            text = f"{question.text} ({question.help})" if question.help else question.text
            block, found = asked[text]
            assert block.stem == question.stem
            assert indicator.label in found.measures or indicator.label in recipes
            if indicator.label in found.measures.split(", ") and indicator.label not in recipes:
                yes = [option.text for option in question.options if option.code in indicator.yes]
                outside = [option.text for option in question.options if option.code not in indicator.levels]
                assert all(answer in block.counted for answer in yes)
                assert all(answer in block.outside for answer in outside)
                assert not any(answer in block.base.split(", ") for answer in (*yes, *outside))


def test_a_questionnaire_that_has_changed_since_is_not_quoted() -> None:
    released = golden.release(areas=0)
    for changed in ({"questionnaire_hash": "0" * 64}, {"questionnaire": "nowhere"}):
        report = build_payload(replace(released, wave=replace(released.wave, **changed)))
        assert report.questions == ()
        assert "finns inte i den version som rapporten är gjord med" in compose(report)


def test_the_declaration_says_what_is_stored_and_nothing_else() -> None:
    released = golden.release(areas=0)
    facts = {fact.label: fact.value for fact in build_quality(released)}
    assert facts["R-indikator, kön och ålder"] == "0,81"
    assert facts["Vikter, lägst till högst"] == "4,0–52,0 (median 15,0)"
    assert facts["Vikternas variationskoefficient"] == "0,59"
    assert facts["Sänkta vikter"] == "1,2\u00a0%"
    assert build_quality(replace(released, diagnostics=released.diagnostics.head(0))) == ()
    bare = released.diagnostics[["wave", "municipality_code", "trimmed_share"]]
    assert [fact.label for fact in build_quality(replace(released, diagnostics=bare))] == ["Sänkta vikter"]
    rows = [
        ("2019", "0182", "mode_share", "web", 0.713),
        ("2019", "0182", "mode_share", "paper", 0.287),
        ("2019", "0182", "completeness", "break_off", nan),  # too few to be told
        ("2019", "0182", "item_answers", "missing", 0.021),
        ("2019", "all", "item_answers", "dont_know", 0.5),  # everybody, not the municipality
        ("2018", "0182", "item_answers", "refused", 0.5),
    ]
    names = ["wave", "municipality_code", "measure", "category", "value"]
    declared = replace(released, diagnostics=bare.head(0), quality=pd.DataFrame(rows, columns=names))
    assert {fact.label: fact.value for fact in build_quality(declared)} == {
        "Svarssätt": "webb 71,3\u00a0%, papper 28,7\u00a0%",
        "Överhoppade frågor": "2,1\u00a0%",
    }


def test_each_question_says_how_many_passed_it_by_unless_few_were_asked() -> None:
    released = golden.release(areas=0)
    told = build_payload(released).questions[0].blocks[0].questions[0].unanswered
    row = released.item_nonresponse.set_index("item").loc["problem_litter"]
    shares = [whole_percent(row[fate]) for fate in ("missing", "dont_know", "refused")]
    assert told == "hoppade över {}\u00a0%, vet inte {}\u00a0%, vill inte svara {}\u00a0%".format(*shares)
    few = released.item_nonresponse.assign(answered=nan)
    report = build_payload(replace(released, item_nonresponse=few))
    assert not any(one.unanswered for topic in report.questions for b in topic.blocks for one in b.questions)


def test_an_interval_is_not_broken_after_its_dash() -> None:
    report = build_payload(golden.release(areas=2))
    listed = re.findall(r"<li>[^<]*</li>", compose(report))
    assert any("\u2060" in entry for entry in listed)
    assert not any(re.search(r"\d–\d", entry) for entry in listed)
