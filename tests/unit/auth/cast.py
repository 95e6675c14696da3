"""A firm's people for the tests of auth: logins, devices and a line, on a real database."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import insert

from auth import devices, lines, logins
from auth.callers import Caller, Role
from auth.devices import PASSWORD_ALONE, Proofs, RegisteredDevice
from auth.identify import Identifier
from auth.journal import Journal
from auth.line_proof import chain
from auth.lines import AddedLine
from auth.passwords import hash_password
from auth.presented import Presented
from auth.sightings import Sightings
from db.lanes import Transaction
from db.tables import contracts
from quota.meter import Ledger
from tests.unit.world import FrozenClock, ProbedDatabase

PASSWORD = "correct horse battery staple"
SAKURA, MOMIJI = 1, 2
ADMIN, HANAKO, TARO, JIRO = 1, 2, 3, 4
LOGINS = {
    "sakura-admin": (SAKURA, ADMIN, Role.ADMINISTRATOR),
    "hanako": (SAKURA, HANAKO, Role.USER),
    "taro": (SAKURA, TARO, Role.USER),
    "jiro": (MOMIJI, JIRO, Role.USER),
}
OFFICE = "192.0.2.7"
PC = Presented(address=OFFICE, client="Microsoft-WebDAV-MiniRedir/10.0.22631")


@functools.cache
def password_hash() -> str:
    """Return the hash of everybody's password, made once."""
    return hash_password(PASSWORD)


@dataclass
class Cast:
    """Two contracts, sakura and momiji, with their logins. `pro`: the contracts whose plan has PRO."""

    database: ProbedDatabase
    clock: FrozenClock
    pro: set[int] = field(default_factory=lambda: {SAKURA, MOMIJI})

    def identifier(
        self, *verifiers: str, journal: Journal | None = None, sightings: Sightings | None = None
    ) -> Identifier:
        """Return a gateway's identifier, with these line verifiers beside the tool's."""
        return Identifier(
            self.database,
            lambda _, contract: contract in self.pro,
            verifiers=chain(verifiers),
            sightings=sightings,
            journal=journal,
            clock=self.clock,
        )

    def key(self, login_id: str) -> str:
        """Issue a device key, good for 30 days."""
        issued = self.database.write(
            lambda tx: devices.issue_key(tx, login_id, now=self.clock(), valid_for=timedelta(days=30))
        )
        return issued.device_key

    def register(self, login_id: str, key: str, proofs: Proofs = PASSWORD_ALONE) -> RegisteredDevice:
        """Register a device by a key."""
        contract_id, login, _ = LOGINS[login_id]
        return self.database.write(
            lambda tx: devices.register(tx, contract_id, login, key, "PC", now=self.clock(), proofs=proofs)
        )

    def device(self, login_id: str, proofs: Proofs = PASSWORD_ALONE) -> RegisteredDevice:
        """Return a new registered device."""
        return self.register(login_id, self.key(login_id), proofs)

    def line(self, contract_id: int, name: str, *networks: str) -> AddedLine:
        """Register a line."""
        return self.database.write(lambda tx: lines.add_line(tx, contract_id, name, networks, now=self.clock()))

    def caller(self, login_id: str, device_id: str | None = None) -> Caller:
        """Return a login as a caller."""
        contract_id, login, role = LOGINS[login_id]
        return Caller(contract_id, login, login_id, role, device_id, pro=contract_id in self.pro)


def gather(database: ProbedDatabase, clock: FrozenClock) -> Cast:
    """Insert the cast and return it."""

    def operation(tx: Transaction) -> None:
        for contract_id, name in ((SAKURA, "sakura"), (MOMIJI, "momiji")):
            tx.execute(insert(contracts).values(id=contract_id, name=name, state="active", created_at=clock()))
            Ledger.create(tx.cursor, contract_id).save()
        for login_id, (contract_id, number, role) in LOGINS.items():
            logins.add_login(tx, contract_id, number, login_id, role, password_hash(), now=clock())

    database.write(operation)
    database.probe.reset()
    return Cast(database, clock)
