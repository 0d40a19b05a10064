from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class BrowserSession(Base):
    """A login that the server can end: the cookie holds the key, only its hash is stored."""

    __tablename__ = "browser_session"
    __table_args__ = (CheckConstraint("(case_id IS NULL) <> (account_id IS NULL)", name="one_owner"),)

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    # A member of staff is let in when the password and the second factor are both given.
    second_factor_given: Mapped[bool] = mapped_column(default=False)
    # Pages answered in this very browser session: only their answers are shown again.
    seen_pages: Mapped[str] = mapped_column(Text, default="[]")
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # Of staff: moved on with every page, while `expires_at` stands still.
    idle_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
