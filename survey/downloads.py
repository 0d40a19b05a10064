"""Files that the browser saves under a name of ours."""

from io import BytesIO

from flask import Response, send_file


def as_file(file_name: str, content: bytes, mimetype: str) -> Response:
    """An answer that is saved, never shown in the page."""
    return send_file(BytesIO(content), mimetype, as_attachment=True, download_name=file_name)
