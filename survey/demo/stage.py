"""What every step of the demonstration needs at hand."""

from dataclasses import dataclass
from pathlib import Path

from survey.database import Databases
from survey.demo.console import Console
from survey.demo.geography import Plan
from survey.demo.residents import Residents
from survey.demo.workplace import Workplace

BY = "demo"
SAMPLE_PER_AREA = 300


@dataclass(frozen=True)
class Options:
    """What the user chose."""

    size: str = "full"
    seed: int = 20221014
    serve: bool = True
    yes: bool = False
    output: Path = Path("var/demo")


@dataclass(frozen=True)
class Stage:
    """The places, the people and the voice of one demonstration."""

    options: Options
    workplace: Workplace
    console: Console
    databases: Databases
    plan: Plan
    residents: Residents

    @property
    def output(self) -> Path:
        return self.workplace.output

    @property
    def seed(self) -> int:
        return self.options.seed
