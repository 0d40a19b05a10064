"""The residents of the bench come through the product and the floor, and every answer arrives as sent."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import TypeVar
from urllib.parse import urlsplit

import floor
import one_process
import pytest
import wave_under_load
from flask import Flask
from player import Load, Played, Refused, play
from web_process import served

from survey.credentials import hash_token
from survey.database import Databases
from survey.questionnaire import definition

Given = TypeVar("Given")


def elsewhere(work: Callable[[], Given]) -> Given:
    """In a thread of its own: the browser of other tests has a loop running in this one."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(work).result()


def played(address: str, tokens: list[str], load: Load) -> list[Played]:
    port = urlsplit(address).port
    assert port
    return elsewhere(lambda: asyncio.run(play(port, iter(tokens), load, Random(1))))


def test_residents_come_through_the_product(
    app: Flask, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(definition, "LIBRARY", definition.LIBRARY)
    wave_under_load.write_library(tmp_path / "library")
    databases: Databases = app.extensions["databases"]
    with databases.transaction() as session:
        tokens = wave_under_load.fill(session, municipalities=1, cases_each=2, answered=0.25, letters=2)
    done = played(address, tokens, Load(at_once=2))
    assert [one.fault for one in done] == ["", ""]
    assert all(one.complete and len(one.sent) == 68 for one in done)
    with databases.reading() as session:
        stored = wave_under_load.submitted(session)
    assert stored == {hash_token(one.token): one.sent for one in done}


def test_residents_come_through_the_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(floor.STORE, str(tmp_path / "floor.db"))
    store = floor.Store(str(tmp_path / "floor.db"))
    store.create(["one", "two"])
    with served(floor.create_app()) as address:
        done = played(address, ["one", "two"], Load(rate=50.0, think=0.001))
    assert store.submitted() == {one.token: one.sent for one in done}
    assert all(one.complete and len(one.sent) == 68 for one in done)
    store.close()


def test_a_resident_who_is_refused_is_not_complete(address: str) -> None:
    (refused,) = played(address, ["nobodys-letter"], Load(at_once=1))
    assert (refused.complete, refused.fault) == (False, "Refused 422")


def test_residents_come_through_without_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(floor.STORE, str(tmp_path / "floor.db"))
    store = floor.Store(str(tmp_path / "floor.db"))
    store.create(["one"])
    app = floor.create_app()
    assert elsewhere(lambda: one_process.milliseconds(app, "one", Random(1))) > 0
    assert len(store.submitted()["one"]) == 68
    with pytest.raises(Refused):
        elsewhere(lambda: one_process.milliseconds(app, "nobodys-letter", Random(1)))
    store.close()
