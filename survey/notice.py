"""What marks simulated answers wherever they are shown: the words on the page, the end of a file's name."""

NOTICE = "SIMULERADE SVAR – INGET RESULTAT"


def file_suffix(synthetic: bool) -> str:
    """The mark in the name of a file that holds simulated answers; nothing for real ones."""
    return "-SIMULERADE-SVAR" if synthetic else ""
