from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Invitation(Base):
    """The two credentials of one letter, hashed; both die when the answer is handed in."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    selector: Mapped[str] = mapped_column(String(4), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(120))
    qr_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_on: Mapped[date]
    closed_on: Mapped[date | None]
    form_id: Mapped[str | None] = mapped_column(String(8), unique=True)  # of the paper form sent with it
    form_language: Mapped[str | None] = mapped_column(String(8))
