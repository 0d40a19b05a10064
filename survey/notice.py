"""What marks simulated answers and drafts wherever they are shown: on the page, in the name of a file."""

NOTICE = "SIMULERADE SVAR – INGET RESULTAT"
DRAFT = "UTKAST – INTE SLÄPPT"


def file_suffix(synthetic: bool) -> str:
    """The mark in the name of a file that holds simulated answers; nothing for real ones."""
    return "-SIMULERADE-SVAR" if synthetic else ""
