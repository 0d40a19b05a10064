"""Each part of a PDF is turned into bytes once: the engine does it again for the identifier of the file."""

from functools import cache, cached_property
from typing import Any

import pydyf


def write_once(pdf: pydyf.PDF) -> None:
    """From now on each part keeps its bytes; nothing may change it any more."""
    for part in pdf.objects:
        _keep_bytes(part)  # free numbers share one part
    add = pdf.add_object

    def add_and_keep(part: Any) -> None:  # what the engine adds while it writes
        add(part)
        _keep_bytes(part)

    pdf.add_object = add_and_keep


def _keep_bytes(part: Any) -> None:
    kind: Any = type(part)
    part.__class__ = _keeping(kind)


@cache
def _keeping(kind: Any) -> Any:
    if isinstance(kind.data, cached_property):
        return kind
    return type(kind.__name__, (kind,), {"data": cached_property(kind.data.fget)})
