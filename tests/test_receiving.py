"""Files of every page that takes them arrive whole, whatever stands where the form library parts them."""

import io

import pytest
from flask import Flask, request

from survey import create_app, receiving
from survey.config import Settings

LINES = b"x\n" * 150_000  # a line break stands wherever a piece may end


@pytest.fixture
def app(settings: Settings) -> Flask:
    built = create_app(settings)
    built.extensions["databases"].dispose()
    return built


def test_a_file_of_many_lines_arrives_whole_on_every_page_that_takes_files(app: Flask) -> None:
    taking = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if hasattr(view, "max_content_length") or hasattr(view, "takes_file")
    }
    assert {"admin.upload_register", "municipality.set_logo"} <= taking
    for endpoint in taking:
        view = app.view_functions[endpoint]
        content = LINES[: getattr(view, "max_content_length", len(LINES)) - receiving.FORM_AROUND_FILE]
        sent = {"note": "y" * 100, "file": (io.BytesIO(content), "lines.csv")}
        with app.test_request_context("/", method="POST", data=sent):
            receiving.prepare(view)
            assert request.files["file"].read() == content, endpoint
            assert request.form["note"] == "y" * 100


def test_whoever_sends_a_file_after_the_login_has_ended_comes_to_the_login(app: Flask) -> None:
    sent = app.test_client().post(
        "/drift/2026/arbete/register",
        data={"register": (io.BytesIO(LINES), "register.csv")},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert (sent.status_code, sent.location) == (303, "/inloggning?next=/drift/2026/arbete/register")
