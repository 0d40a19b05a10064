import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from followed import add_followed
from released_wave import RELEASED_AT, add_release, open_to_all
from sqlalchemy.orm import Session

from survey import clock
from survey.config import Settings
from survey.database import Databases
from survey.models.release import ItemNonresponse, QualityFigure, Release
from survey.preparation import api_tokens
from survey.preparation.api_tokens import Wanted

NewToken = Callable[..., str]


@pytest.fixture(scope="session")
def migrated(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Databases in which the wave of 2019 is open to everybody, with all that stands beside it."""
    folder = tmp_path_factory.mktemp("filled")
    for name in ("survey.db", "identity.db"):
        shutil.copy(migrated / name, folder / name)
    stores = Databases.connect(
        Settings(
            survey_database=f"sqlite:///{folder}/survey.db",
            identity_database=f"sqlite:///{folder}/identity.db",
        )
    )
    with stores.transaction() as session:
        add_followed(session, _add_open_release(session, folder))
    stores.dispose()
    return folder


@pytest.fixture
def new_token(app: Flask) -> NewToken:
    """Makes a token of a scope and gives it in clear text."""
    found: Databases = app.extensions["databases"]

    def make(scope: str, code: str | None = None) -> str:
        today = clock.today()
        with found.transaction() as session:
            return api_tokens.create(session, Wanted(scope, scope, code, today), "tests", today)

    return make


def _add_open_release(session: Session, output: Path) -> int:
    """For Nacka and Vaxholm, with a figure of quality each."""
    release_id = add_release(session, output, released=False)
    for code, value in (("all", 0.123456), ("0182", 0.2), ("0187", None)):
        session.add(_quality(release_id, code, value))
        session.add(_nonresponse(release_id, code, None if value is None else 812))
    session.flush()
    release = session.get_one(Release, release_id)
    release.released_at, release.released_by = RELEASED_AT, "tests"
    open_to_all(session, release_id, RELEASED_AT)
    session.flush()
    return release_id


def _nonresponse(release_id: int, code: str, asked: int | None) -> ItemNonresponse:
    shares = {"answered": 0.9123, "dont_know": 0.05, "refused": 0.02, "missing": 0.0177}
    return ItemNonresponse(
        release_id=release_id,
        wave="2019",
        municipality_code=code,
        item="problem_drugs",
        asked=asked,
        reason="few_answers" if asked is None else "",
        **(dict.fromkeys(shares) if asked is None else shares),
    )


def _quality(release_id: int, code: str, value: float | None) -> QualityFigure:
    return QualityFigure(
        release_id=release_id,
        wave="2019",
        municipality_code=code,
        measure="mode_share",
        variable="mode",
        category="web",
        value=value,
        n=None if value is None else 812,
        reason="" if value is not None else "few_answers",
    )
