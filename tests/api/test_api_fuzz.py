"""A schema fuzzer finds no answer that the description does not tell, and no question that it gets wrong."""

from itertools import product

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import negative_data_rejection

from survey.pace import Pace

# In an address a number is also the list of one: what the fuzzer takes to be wrong may be right.
NOT_ASKED = [negative_data_rejection]


@pytest.mark.parametrize(
    "examples", [pytest.param(2, id="few"), pytest.param(50, id="many", marks=pytest.mark.long)]
)
def test_every_answer_is_as_described(app: Flask, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    monkeypatch.setattr("survey.preparation.api_tokens.OF_NETWORK", Pace(10**6, 0))
    api = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    quietly = settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    asked = set()
    for found, mode in product(api.get_all_operations(), GenerationMode):
        operation = found.ok()

        @quietly
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            case.call_and_validate(excluded_checks=NOT_ASKED)

        ask()
        asked.add(operation.path)
    assert asked == set(api.raw_schema["paths"])
