from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class RegisterUpload(Base):
    """The register file that lies on disk for a wave until its sample is drawn; one at a time."""

    __tablename__ = "register_upload"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))  # random: what the sender called the file is not kept
    size: Mapped[int] = mapped_column(BigInteger)
    uploaded_by: Mapped[str] = mapped_column(String(254))
    uploaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
