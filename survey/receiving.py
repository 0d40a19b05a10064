"""What a page takes beyond a small form: files and long texts, and only where its view says so.

A register, larger than any form, is streamed to a private folder.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, TypeVar, cast

from flask import Request, current_app, request

from survey.errors import TooLarge

View = TypeVar("View", bound=Callable[..., object])
FOLDER = "register-uploads"  # under the installation's output, which no page serves
FORM_AROUND_FILE = 16 * 1024  # token, names and boundaries
# The library reads a form in pieces of 64 kB, and counts with each what a line break at the end of the one
# before made it hold back: with room for one piece alone almost every file of several pieces is too large.
PIECES_OF_FORM = 2 * 64 * 1024


class ReceivingRequest(Request):
    """A request whose files go straight to a folder, under names of ours, when its page takes files."""

    upload_folder: Path | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.upload_folder is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        # Readable by its owner alone, and gone when the request ends unless somebody keeps it.
        kept: Any = NamedTemporaryFile(dir=self.upload_folder, prefix="arriving-")  # noqa: SIM115
        return kept  # type: ignore[no-any-return]


def takes_file(view: View) -> View:
    """Declare that a view takes a file larger than any form; put it below the route."""
    view.takes_file = True  # type: ignore[attr-defined]
    return view


def accepts_files(size: int) -> Callable[[View], View]:
    """Let a form carry a file of at most so many bytes; other forms stay as small as they are."""

    def declare(view: View) -> View:
        view.max_content_length = size + FORM_AROUND_FILE  # type: ignore[attr-defined]
        return view

    return declare


def accepts_texts(size: int) -> Callable[[View], View]:
    """Let a form carry texts of at most so many bytes."""

    def declare(view: View) -> View:
        view.max_form_memory_size = size  # type: ignore[attr-defined]
        return view

    return declare


def prepare(view: Callable[..., object] | None) -> None:
    """Before anything of a permitted request is read: room for what its page takes."""
    make_room_for_texts(view)
    allowed = getattr(view, "max_content_length", None)
    if allowed is not None:
        request.max_content_length, request.max_form_memory_size = allowed, PIECES_OF_FORM
    if getattr(view, "takes_file", False):
        _receive_register()


def make_room_for_texts(view: Callable[..., object] | None) -> None:
    """Read a form as long as its page takes."""
    room = getattr(view, "max_form_memory_size", None)
    if room is not None:
        request.max_form_memory_size = room


def _receive_register() -> None:
    settings = current_app.extensions["settings"]
    largest = settings.largest_register
    if (request.content_length or 0) > largest + FORM_AROUND_FILE:
        raise TooLarge(
            f"Filen är större än {largest // 10**6} MB och har inte sparats. Packa inte filen, utan be om en "
            "leverans med bara de kolumner som behövs, eller be den som driver tjänsten att höja gränsen "
            "(TRYGG_LARGEST_REGISTER)."
        )
    request.max_content_length, request.max_form_memory_size = largest + FORM_AROUND_FILE, PIECES_OF_FORM
    cast("ReceivingRequest", request).upload_folder = private_folder(settings.output)


def private_folder(output: Path) -> Path:
    """The folder of register files, for the owner of the process alone."""
    folder = output / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder
