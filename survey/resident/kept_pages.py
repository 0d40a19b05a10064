"""Pages kept as text: how a page looks that says the same to everybody is worked out once, with gaps.

What is kept says nothing of anybody: the words of a page in a language, as templates and library have them.
What belongs to one person alone is put into the gaps: the form's token, what the form remembers, the letter,
the answers to look through.
"""

import re

from flask import current_app, render_template

from survey.resident.door import by_open_link
from survey.translation import current_language

# Not in the words of any page; signs that stay as they are in an address and in a form.
GAPS = {name: f"gap-for-the-{name}-of-the-reader" for name in ("token", "state", "letter", "parts")}
GAP = re.compile(b"gap-for-the-([a-z]+)-of-the-reader")
KEPT_AT_MOST = 1000  # some 25 kB each; more than the pages of all questionnaires and languages in use


def kept_page(template: str, gaps: dict[str, str], depends_on: object = None, **words: object) -> bytes:
    """The page of a real wave, ready to be sent; `depends_on` names all that makes one such page differ."""
    kept: dict[object, list[bytes]] = current_app.extensions.setdefault("kept pages", {})
    key = (template, current_language().code, by_open_link(), depends_on)
    pieces = kept.get(key)
    if pieces is None:
        if len(kept) >= KEPT_AT_MOST:
            kept.clear()
        with_gaps = {name: GAPS[name] for name in gaps}
        page = render_template(template, synthetic=False, **with_gaps, **words)
        pieces = kept[key] = GAP.split(page.encode())  # every other piece is the name of a gap
    filled = pieces.copy()
    filled[1::2] = [gaps[name.decode()].encode() for name in pieces[1::2]]
    return b"".join(filled)
