"""Several requests share a process: while one may compute for long, turns to compute are short."""

import sys

from flask import Blueprint, Flask

from survey.serving import SHORT_TURN, Turns


def test_turns_are_short_only_while_a_page_that_is_no_residents_is_made() -> None:
    app, usual = Flask(__name__), sys.getswitchinterval()
    seen: list[float] = []
    rooms = {name: Blueprint(name, __name__) for name in ("resident", "admin", "api")}

    @rooms["resident"].get("/fraga")
    def note() -> str:
        seen.append(sys.getswitchinterval())
        return ""

    @rooms["api"].get("/trasig")
    def fail() -> str:
        note()
        raise ZeroDivisionError

    @rooms["admin"].get("/falt")
    def call() -> str:
        note()
        app.test_client().get("/trasig")
        return note()

    for room in rooms.values():
        app.register_blueprint(room)
    Turns().watch(app)
    for address in ("/fraga", "/falt", "/fraga", "/finns-inte"):
        app.test_client().get(address)
    assert seen == [usual, SHORT_TURN, SHORT_TURN, SHORT_TURN, usual]
    assert sys.getswitchinterval() == usual != SHORT_TURN
