"""Times as files of statistics write them: a year or a month stands for its last day."""

import re
from calendar import monthrange
from datetime import date

_TIME = re.compile(r"(?P<year>(?:19|20)\d\d)(?:[ -]?M?(?P<month>0[1-9]|1[0-2]))?", re.ASCII)


def last_day(written: str) -> date:
    """The last day of a year such as 2024, or of a month such as 2026M04 or 2026-04.

    Raises:
        ValueError: it is neither.
    """
    found = _TIME.fullmatch(written.strip().upper())
    if found is None:
        raise ValueError(written)
    year, month = int(found["year"]), int(found["month"] or 12)
    return date(year, month, monthrange(year, month)[1])
