"""All that is made of a release, the same way whether the worker or the command line makes it."""

from collections.abc import Sequence
from pathlib import Path

from survey.database import Databases
from survey.progress import Progress
from survey.publication.downloads.exports import record_downloads, write_downloads
from survey.publication.receipt import ReceiptsOf
from survey.publication.report.reports import Batch, write_reports


def write_everything(
    stores: Databases,
    wave_code: str,
    output: Path,
    municipalities: Sequence[str] | None = None,
    *,
    by: str,
    progress: Progress | None = None,
    receipts: ReceiptsOf | None = None,
) -> tuple[Batch, list[Path]]:
    """The reports, of some municipalities or all, and every file to download."""
    batch = write_reports(
        stores, wave_code, output, municipalities, by=by, progress=progress, receipts=receipts
    )
    with stores.reading() as session:
        files = write_downloads(session, wave_code, output, progress)
    with stores.transaction() as session:
        record_downloads(session, wave_code, files, by=by)
    return batch, files
