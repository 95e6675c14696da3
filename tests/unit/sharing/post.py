"""Two firms on one service, and shorthand for what they send each other."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import timedelta

from auth.access import Grant
from auth.callers import Caller, Role
from core.clock import to_microseconds
from db.engine import Database, Transaction
from sharing import transfer_codes, transfers
from sharing.transfer_rules import Transfer
from sharing.transfers import Letter, Origin, Target
from storage import files, fsck, reclaim
from storage.files import FileSystem
from storage.objects.memory import MemoryStore
from tests.unit.world import Firm, FrozenClock, at, found_firm, grant_for

SENDER, RECEIVER = 1, 2
GIGABYTE = 1 << 30


def caller_of(contract_id: int, login: int = 1, role: Role = Role.ADMINISTRATOR) -> Caller:
    """Return a login of a contract, its administrator where nothing else is said."""
    return Caller(contract_id, login, f"login{login}@{contract_id}", role, f"device{login}")


@dataclass
class Post:
    """The contracts by their numbers, all on one file system."""

    firms: dict[int, Firm]
    clock: FrozenClock

    @property
    def fs(self) -> FileSystem:
        """Return the file system they share."""
        return self.firms[SENDER].fs

    def grant(self, contract_id: int, *, login: int = 1, role: Role = Role.ADMINISTRATOR) -> Grant:
        """Return a login's grant on its My Folder."""
        caller = caller_of(contract_id, login, role)
        return dataclasses.replace(grant_for(login, contract_id=contract_id), caller=caller)

    def code(self, contract_id: int = RECEIVER) -> str:
        """Return a contract's code, made where there is none."""

        def operation(tx: Transaction) -> str:
            known = transfer_codes.code_of(tx, contract_id)
            return known or transfer_codes.renew(tx, caller_of(contract_id), now=self.clock())

        return self.fs.database.write(operation)

    def letter(self, to: int = RECEIVER, *, addressee: str = "", days: int = 7) -> Letter:
        """Return what goes with the files."""
        return Letter(self.code(to), addressee, "どうぞ", self.clock() + timedelta(days=days), "http://x/transfers/")

    def send(self, *names: str, sender: int = SENDER, to: int = RECEIVER, addressee: str = "") -> Transfer:
        """Send members of a sender's My Folder."""
        origin = Origin(self.grant(sender), (), list(names), "my")
        return transfers.send(self.fs, origin, self.letter(to, addressee=addressee))

    def accept(self, one: Transfer, into: str = "", *, new_folder: str | None = None) -> Transfer:
        """Accept into the receiver's My Folder."""
        target = Target(self.grant(one.receiver_id), at(into), f"my/{into}", new_folder)
        return transfers.accept(self.fs, one.id, target)

    def now_us(self) -> int:
        """Return the instant in microseconds."""
        return to_microseconds(self.clock())

    def tidy(self) -> None:
        """Reclaim until nothing more is to be freed."""
        for _ in range(3):
            reclaim.reclaim(self.fs, freed_before_us=self.now_us())

    def require_sound(self) -> None:
        """Fail where rows, counters, references and objects do not agree."""
        assert not fsck.check(self.fs).is_wrong
        assert fsck.check(self.fs).orphan_objects == 0

    def delete(self, contract_id: int, path: str) -> None:
        """Delete from a contract's My Folder."""
        files.delete(self.fs, self.grant(contract_id), at(path))

    def get(self, contract_id: int, path: str) -> bytes:
        """Return a file's bytes."""
        grant = self.grant(contract_id)
        node = files.stat(self.fs, grant, at(path))
        return b"".join(map(bytes, files.content(self.fs, grant, node, start=0, length=node.size_bytes)))


def found_post(database: Database, clock: FrozenClock, *, contracts: int = 2) -> Post:
    """Found so many contracts, each with a gigabyte and its administrator's My Folder."""
    store = MemoryStore()
    firms = {
        number: found_firm(database, store, clock, contract_id=number, capacity_bytes=GIGABYTE)
        for number in range(1, contracts + 1)
    }
    for firm in firms.values():
        firms[SENDER].room.update(firm.room)
        firm.fs, firm.room = firms[SENDER].fs, firms[SENDER].room
    return Post(firms, clock)
