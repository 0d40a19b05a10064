"""What is written on one line: a reason, a purpose, a name, the number of a decision."""


def one_line(text: str, longest: int) -> str:
    """The text on one line; empty when it is missing, too long or holds what cannot be seen.

    Whoever asked for it says so, in the words of what was asked.
    """
    line = " ".join(text.split())
    return line if len(line) <= longest and line.isprintable() else ""
