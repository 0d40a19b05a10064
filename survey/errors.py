"""Errors that people can act on."""


class UserError(Exception):
    """Says in the reader's words what was wrong and what to do; shown as it is, never as a traceback."""


class Conflict(UserError):
    """The thing has changed since the reader last saw it."""


class TooLarge(UserError):
    """What was sent is larger than the installation takes."""
