"""Loaded by every process of the web server under load: its library is the folder the environment names."""

import os
from pathlib import Path

from survey.questionnaire import definition

definition.LIBRARY = Path(os.environ["BENCH_LIBRARY"])
