"""QR codes as drawings for a page."""

from io import BytesIO

import segno
from markupsafe import escape


def qr_drawing(content: str, label: str) -> str:
    """A QR code of error level M or better with its quiet zone of four modules, for XHTML.

    `label` is read out in its place.
    """
    written = BytesIO()
    segno.make(content, error="m", micro=False).save(
        written,
        kind="svg",
        border=4,
        light="#fff",
        xmldecl=False,
        omitsize=True,
        nl=False,
    )
    drawing = written.getvalue().decode()
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
