"""What every chart has round what it draws: its words, where the figures are from, its size."""

from dataclasses import dataclass


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
