"""Errors that people can act on."""

from collections.abc import Mapping, Sequence

MOST_FAULTS = 20


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


class FileFaults(Faults):
    """All that is wrong with a file, or the first of it, at the field that it was given in."""

    def __init__(self, field: str, faults: Sequence[str]) -> None:
        shown = list(faults[:MOST_FAULTS])
        if len(faults) > MOST_FAULTS:
            shown.append(f"… och {len(faults) - MOST_FAULTS} fel till.")
        super().__init__(
            {f"{field}-{number}" if number else field: text for number, text in enumerate(shown)}
        )

    def __str__(self) -> str:
        return "\n".join(self.by_field.values())
