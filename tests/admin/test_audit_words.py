"""Everything that is ever recorded has Swedish words on the page of the log, and no words are left over."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import survey
from survey.admin.audit_details import DETAIL_WORDS, VALUE_WORDS, details, subject_words
from survey.admin.audit_words import ACTION_WORDS
from survey.collection.closing import Fieldwork
from survey.collection.forgetting import COUNT_WORDS
from survey.collection.frame_check import FrameReport
from survey.collection.help_desk import RECORDED
from survey.collection.imports import ImportReport
from survey.collection.manifest import REQUESTED, LetterBatch
from survey.collection.samples import SampleReport
from survey.models.deletion import Act
from survey.models.job import JobKind
from survey.models.mailing import MailingKind
from survey.models.participation import AreaChoice
from survey.models.promise import StepKind
from survey.permissions import Role
from survey.preparation.mailing_costs import Prices
from survey.preparation.plan_checks import PlanSettings
from survey.preparation.series import SeriesReport
from survey.preparation.wave_settings import WaveSettings

# Actions of several kinds: how they begin, and how they may end.
KINDS = {
    "ask to ": [*JobKind],
    "print ": [*MailingKind, REQUESTED],
    "record ": [*RECORDED],
    "undo ": [*RECORDED],
    "promise step ": [*StepKind],
    "request deletion of ": [*Act],
    "carry out deletion of ": [*Act],
}

KEPT_WHOLE = (
    *(Fieldwork, FrameReport, ImportReport, LetterBatch, SampleReport),
    *(Prices, PlanSettings, SeriesReport, WaveSettings),
)


def recorded() -> set[str]:
    """Every action that the source code hands to the log."""
    found: set[str] = set()
    for file in sorted(Path(survey.__file__).parent.rglob("*.py")):
        tree = ast.parse(file.read_text())
        notes = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "survey.access"
            and "note" in [name.name for name in node.names]
            for node in ast.walk(tree)
        )
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = ast.unparse(call.func)
            if called == "audit.record" and ast.unparse(call.args[2]) != "action":
                found.update(values(call.args[2]))
            elif called == "note" and (notes or file.name == "access.py"):
                found.update(values(call.args[0]))
    return found


def values(written: ast.expr) -> Iterator[str]:
    """The texts that an expression can stand for."""
    if isinstance(written, ast.Constant):
        yield str(written.value)
    elif isinstance(written, ast.IfExp):
        yield from (*values(written.body), *values(written.orelse))
    elif isinstance(written, ast.JoinedStr):
        (begin,) = values(written.values[0])
        yield from (f"{begin}{end}" for end in KINDS[begin])
    else:
        raise AssertionError(f"{ast.unparse(written)} is no action that can be read from the code")


def test_every_recorded_action_has_words_and_no_words_are_left_over() -> None:
    assert set(ACTION_WORDS) == recorded()


def carried() -> set[str]:
    """Every name under which the source code, or a report that it keeps whole, tells the log something."""
    found = {name for kind in KEPT_WHOLE for name in kind.__dataclass_fields__}
    for file in Path(survey.__file__).parent.rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            if ast.unparse(call.func) == "audit.record":
                found.update(keyword.arg for keyword in call.keywords if keyword.arg)
    return found


def test_everything_an_event_carries_has_words() -> None:
    assert carried() - set(DETAIL_WORDS) == set()
    assert {*AreaChoice, *MailingKind, *Role} <= set(VALUE_WORDS)


def test_an_event_is_told_in_swedish_and_the_frame_is_not_called_population() -> None:
    drawn = '{"population": 1601, "not_contacted": 2, "wave_code": "2026"}'
    assert details(drawn, "draw sample") == [
        "i urvalsramen: 1601",
        "vill aldrig bli kontaktade: 2",
        "omgång: 2026",
    ]
    assert details('{"choice": "kept", "day": "left out"}') == [
        "val: behålls",
        "dag: skickas inte",
    ]
    assert [subject_words(one) for one in ("newest", "before 12", "2026 card", "a@b.se")] == [
        *("de senaste händelserna", "händelser före nummer 12", "2026 kort", "a@b.se"),
    ]


def test_what_a_destruction_counts_is_told_as_in_its_certificate() -> None:
    for act in Act:
        counts = json.dumps(dict.fromkeys(COUNT_WORDS, 3))
        told = details(counts, f"carry out deletion of {act}")
        assert told == [f"{words.lower()}: 3" for words in COUNT_WORDS.values()]


def test_the_words_are_swedish_sentences_without_the_codes_own_words() -> None:
    for action, words in ACTION_WORDS.items():
        assert words[:1].islower() and not words.endswith(".")
        assert action not in words


def test_what_an_event_carries_is_told_in_lines_without_what_is_empty() -> None:
    opens = '{"police": null, "public": "2026-12-03"}'
    stored = f'{{"version": 2, "reason": "", "failed": [], "opens": {opens}, "synthetic": true}}'
    assert details(stored) == ["version: 2", "öppnas: lokalpolis –, alla 2026-12-03", "simulerad: ja"]
    assert details('{"changed": ["name", "address"], "files": ["a_b.csv"]}') == [
        "ändrat: namn, adress",
        "filer: a_b.csv",
    ]
    assert details("{}") == []
