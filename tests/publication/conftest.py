"""Golden reports, and a database that holds released tables."""

from collections.abc import Callable
from functools import cache

import golden
import pytest
from golden_reports import Golden, golden_case
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT, store_release

from survey.publication.released import Released

LONG = {"large"}  # dear and like the others


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.long] * (name in LONG)) for name in golden.CASES]
)
def case(request: pytest.FixtureRequest) -> Golden:
    """Every golden case in turn."""
    return golden_case(request.param)


@pytest.fixture
def one_case() -> Callable[[str], Golden]:
    """A golden case by its name."""
    return golden_case


@pytest.fixture
def store() -> Callable[..., int]:
    return store_release


@pytest.fixture
def released_session(session: Session) -> Session:
    """Nacka's made-up wave 2019, released, on each database."""
    store_release(session, _nacka(), released_at=RELEASED_AT)
    return session


@cache
def _nacka() -> Released:
    return golden.release(synthetic=True, areas=3)
