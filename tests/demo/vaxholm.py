"""What the tests of the open wave in Vaxholm know about it."""

from dataclasses import dataclass
from datetime import date

from survey.collection.frame_check import FrameReport
from survey.demo.fieldwork import Respondent
from survey.demo.geography import Plan

SEED = 11
PERIOD = (date(2022, 10, 3), date(2022, 11, 25))


@dataclass(frozen=True)
class Field:
    """An open wave and those of its sample who are going to answer."""

    plan: Plan
    respondents: list[Respondent]
    frame: FrameReport
