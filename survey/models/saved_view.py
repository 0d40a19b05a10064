"""Views of the analyst's bench that somebody has kept."""

from datetime import datetime

from sqlalchemy import DateTime, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class SavedView(Base):
    """A name for an address of the bench; shared with the other analysts or not."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(String(2000))
    shared: Mapped[bool]
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
