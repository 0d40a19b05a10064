from sqlalchemy import CheckConstraint, Float, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class MailingPrice(Base):
    """What a wave pays, in kronor, for one of each of its mailings and for an answer on paper."""

    __tablename__ = "mailing_price"
    __table_args__ = (
        CheckConstraint(
            "letter >= 0 AND card >= 0 AND form >= 0 AND last >= 0 AND paper_answer >= 0", name="prices"
        ),
        CheckConstraint("paper_share >= 0 AND paper_share <= 1", name="paper_share"),
    )

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    letter: Mapped[float] = mapped_column(Float)
    card: Mapped[float] = mapped_column(Float)
    form: Mapped[float] = mapped_column(Float)
    last: Mapped[float] = mapped_column(Float)
    paper_answer: Mapped[float] = mapped_column(Float)
    paper_share: Mapped[float] = mapped_column(Float)
