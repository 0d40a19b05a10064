"""A form handed in: what it holds; the change is made, or the page is shown again with what to put right."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from survey.access import own_email
from survey.database import transaction
from survey.errors import Faults, UserError

Change = Callable[[Any, str], object]
Show = Callable[[Mapping[str, str]], ResponseReturnValue]
WHOLE_PAGE = "innehall"  # a fault of no field of the form: the id of the page's content
LONGEST_FIELD = 4000  # beyond what any field may hold, which says so itself


def field(name: str) -> str:
    """What a field of the form holds, no longer than any may be."""
    return request.form.get(name, "")[:LONGEST_FIELD]


def fields() -> dict[str, str]:
    """What all fields of the form hold, none longer than any may be."""
    return {name: field(name) for name in request.form}


def hand_in(
    change: Change,
    show: Show,
    after: str | Callable[[], str],
    answered_elsewhere: tuple[type[UserError], ...] = (),
) -> ResponseReturnValue:
    """Make a change in one transaction and go on to an address; or show the page with the faults by field.

    The address may be one that is known only when the change is made.
    """
    try:
        with transaction() as session:
            change(session, own_email())
    except answered_elsewhere:
        raise
    except Faults as faults:
        return show(faults.by_field)
    except UserError as error:
        return show({WHOLE_PAGE: str(error)})
    return redirect(after if isinstance(after, str) else after(), 303)
