"""What a contract's administrator decides about access."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import insert, select, update

from db.engine import Transaction
from db.tables import access_settings


class Binding(StrEnum):
    """What a device has to show beside its password."""

    NONE = "none"
    CLIENT = "client"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Settings:
    """A contract's decisions. `copy_out`: copies may leave Secret and Security Folders (R23). `publishing`: files may
    be put on public pages (R25).
    """

    device_binding: Binding = Binding.NONE
    copy_out: bool = False
    publishing: bool = True


def read(tx: Transaction, contract_id: int) -> Settings:
    """Return the contract's decisions, or the defaults."""
    row = tx.execute(select(access_settings).where(access_settings.c.contract_id == contract_id)).first()
    return Settings() if row is None else Settings(Binding(row.device_binding), row.copy_out, not row.no_publishing)


def write(tx: Transaction, contract_id: int, settings: Settings) -> None:
    """Keep the contract's decisions; they count from the next request on."""
    values = {
        "device_binding": settings.device_binding.value,
        "copy_out": settings.copy_out,
        "no_publishing": not settings.publishing,
    }
    changed = tx.execute(update(access_settings).where(access_settings.c.contract_id == contract_id).values(**values))
    if changed.rowcount == 0:
        tx.execute(insert(access_settings).values(contract_id=contract_id, **values))
