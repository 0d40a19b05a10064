"""Errors that people can act on."""

from collections.abc import Mapping


class UserError(Exception):
    """Says in the reader's words what was wrong and what to do; shown as it is, never as a traceback."""


class Conflict(UserError):
    """The thing has changed since the reader last saw it."""


class TooLarge(UserError):
    """What was sent is larger than the installation takes."""


class Faults(UserError):
    """Several things to put right, each at the field it was given in."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(" ".join(by_field.values()))
        self.by_field = dict(by_field)
