"""What every chart has round what it draws: its words, where the figures are from, its size."""

from dataclasses import dataclass

WIDTH, PHONE = 680.0, 320.0  # of a chart on a page, and on a phone


@dataclass(frozen=True)
class Drawing:
    """A chart by its words and its size; each kind adds what it draws."""

    title: str
    subtitle: str
    alt: str
    source: str
    notice: str  # said on every chart of simulated answers
    width: float
    height: float
