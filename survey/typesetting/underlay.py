"""Pages that are the same for everybody, typeset once and laid under what differs.

The result is for a printer: only what differs is tagged for a screen reader, and the file claims no more.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO
from itertools import cycle
from typing import Any

import pikepdf


def lay_under(pdf: bytes, under: Sequence[bytes]) -> bytes:
    """Lay the pages of some documents, one after the other and over again, under those of another."""
    written = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document, ExitStack() as opened:
        drawings = list(
            _drawings(document, [opened.enter_context(pikepdf.open(BytesIO(one))) for one in under])
        )
        for page, drawing in zip(document.pages, cycle(drawings)):
            name = page.add_resource(drawing, pikepdf.Name.XObject)
            page.contents_add(b"/Artifact BMC q %s Do Q EMC\n" % str(name).encode(), prepend=True)
        _claim_less(document)
        document.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


def _drawings(document: Any, under: Sequence[Any]) -> Iterator[Any]:
    for other in under:
        for page in other.pages:
            yield document.copy_foreign(page.as_form_xobject())


def _claim_less(document: Any) -> None:
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["pdfaid:conformance"] = "B"
        if "pdfuaid:part" in metadata:
            del metadata["pdfuaid:part"]
