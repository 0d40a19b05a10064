"""What a municipality that takes part has handed in before the sample is drawn."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class ContactPerson(Base):
    """Whom at the municipality the operator turns to; shown to nobody else."""

    __tablename__ = "contact_person"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(40))


class LetterSender(Base):
    """The municipality as the letter names it, and where residents reach it."""

    __tablename__ = "letter_sender"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(254))


class LetterLogo(Base):
    """The municipality's logo as we have drawn it anew: no byte of the file handed in."""

    __tablename__ = "letter_logo"
    __table_args__ = (CheckConstraint("mime_type IN ('image/png', 'image/jpeg')", name="mime_type"),)

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    mime_type: Mapped[str] = mapped_column(String(10))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ExtraSample(Base):
    """Persons that a municipality pays for in an area, beyond what everybody gets."""

    __tablename__ = "extra_sample"
    __table_args__ = (CheckConstraint("persons > 0", name="positive"),)

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    persons: Mapped[int]


class AreaChoice(StrEnum):
    """What a municipality wants with its areas, and what became of it."""

    KEPT = "kept"
    PROPOSED = "proposed"
    APPLIED = "applied"
    REFUSED = "refused"


class AreaProposal(Base):
    """A municipality's word on its areas: keep them, or a new listing that the operator decides on."""

    __tablename__ = "area_proposal"
    __table_args__ = (
        CheckConstraint(f"choice IN ({', '.join(repr(one.value) for one in AreaChoice)})", name="choice"),
    )

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    choice: Mapped[str] = mapped_column(String(8))
    listing: Mapped[str] = mapped_column(Text, default="[]")  # JSON: [name, [register keys]] for each area
    decided_because: Mapped[str] = mapped_column(Text, default="")


class AreaKey(Base):
    """A part of an area by the name the register delivery gives it."""

    __tablename__ = "area_key"

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    register_key: Mapped[str] = mapped_column(String(16), primary_key=True)


class AgreementText(Base):
    """A version of the agreement on joint responsibility, for as long as somebody has confirmed it."""

    __tablename__ = "agreement_text"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class AgreementConfirmation(Base):
    """Somebody has confirmed a version of the agreement for a municipality; the newest counts."""

    __tablename__ = "agreement_confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), index=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"))
    content_hash: Mapped[str] = mapped_column(ForeignKey("agreement_text.content_hash"))
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[str] = mapped_column(String(80))
    confirmed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    confirmed_by: Mapped[str] = mapped_column(String(254))
