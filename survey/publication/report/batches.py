"""All that is made of a release, the same way whether the worker or the command line makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey.database import Databases
from survey.progress import Progress
from survey.publication.downloads.exports import ANALYSTS, Downloads, write_downloads
from survey.publication.receipt import ReceiptsOf
from survey.publication.report.editions import write_edition
from survey.publication.report.reports import Batch, write_reports


@dataclass(frozen=True)
class Everything:
    """What a run gave: reports, reports in other languages, files to download, and what could not be made."""

    reports: Batch
    editions: int
    downloads: Downloads
    failed: Mapping[str, str]

    def __str__(self) -> str:
        others = f", {self.editions} nya på andra språk" if self.editions else ""
        failed = f" {len(self.failed)} gick inte." if self.failed else ""
        return f"{len(self.reports)} rapporter{others} och {len(self.downloads)} filer.{failed}"


def write_everything(
    stores: Databases,
    wave_code: str,
    output: Path,
    municipalities: Sequence[str] | None = None,
    *,
    by: str,
    languages: Sequence[str] = (),
    progress: Progress | None = None,
    receipts: ReceiptsOf | None = None,
) -> Everything:
    """The reports, of some municipalities or all, in Swedish and in further languages, and every file."""
    batch = write_reports(
        stores, wave_code, output, municipalities, by=by, progress=progress, receipts=receipts
    )
    failed = dict(batch.failed)
    editions = 0
    for language in languages:
        found, faults = write_edition(
            *(stores, wave_code, output, language, municipalities or ()),
            by=by,
            progress=progress,
            receipts=receipts,
        )
        editions += len(found)
        failed |= {f"{code}, rapporten på {language}": why for code, why in faults.items()}
    downloads = write_downloads(stores, wave_code, output, progress, by=by, receipts=receipts)
    for code, why in downloads.failed.items():
        failed["analytikernas filer" if code == ANALYSTS else f"{code}, filer att ladda ner"] = why
    return Everything(batch, editions, downloads, failed)
