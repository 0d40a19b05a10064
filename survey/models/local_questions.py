from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class LocalQuestions(Base):
    """A municipality's own questions in a wave: the name and hash of the core and them as one."""

    __tablename__ = "local_questions"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    questionnaire: Mapped[str] = mapped_column(String(81))
    questionnaire_hash: Mapped[str] = mapped_column(String(64))
