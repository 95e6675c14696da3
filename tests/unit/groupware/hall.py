"""Three firms whose people meet: sakura on PRO, momiji on a paid plan, kaede on a free one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from PIL import Image

from auth import groups, logins
from auth.access import FolderType, Grant, authorize, my_folder_root
from auth.callers import Caller, Role
from auth.groups import Membership
from db.engine import Database, Transaction
from groupware import contest_hosting
from groupware.contest_hosting import Photo
from groupware.contest_rules import Audience, Period, Tally, Terms
from quota import contracts
from quota.catalogue import shipped
from quota.meter import Ledger
from storage import files, uploads
from storage.files import FileSystem
from storage.objects.memory import MemoryStore
from storage.uploads import Announced
from tests.unit.world import CountingStore, FrozenClock, at

PLANS = {"sakura": "pro-50", "momiji": "paid-25", "kaede": "free-10"}
PEOPLE = {
    "sakura-admin": ("sakura", Role.ADMINISTRATOR),
    "hanako": ("sakura", Role.USER),
    "taro": ("sakura", Role.USER),
    "momiji-admin": ("momiji", Role.ADMINISTRATOR),
    "jiro": ("momiji", Role.USER),
    "kaede-admin": ("kaede", Role.ADMINISTRATOR),
}
CATALOGUE = shipped()


@dataclass
class Hall:
    """The firms, and a grant on each person's My Folder."""

    fs: FileSystem
    store: CountingStore
    clock: FrozenClock
    grants: dict[str, Grant]
    groups: dict[str, Membership]

    def write(self, login: str, path: str, data: bytes) -> Photo:
        """Store a file in someone's My Folder and return it as a photo to take part."""
        grant = self.grants[login]
        uploads.write(self.fs, grant, at(path), BytesIO(data).read, Announced(len(data)))
        return Photo(grant, at(path), f"my/{path}")

    def photos(self, count: int = 2, login: str = "sakura-admin") -> list[Photo]:
        """Store photos."""
        return [self.write(login, f"photo {number}.png", picture(number)) for number in range(1, count + 1)]

    def hold(self, photos: Sequence[Photo] | None = None, *, login: str = "sakura-admin", **changed: object) -> str:
        """Hold a contest of an hour that has begun, and return its id."""
        terms = terms_at(self.clock, **changed)
        chosen = self.photos(login=login) if photos is None else photos
        return contest_hosting.create(self.fs, CATALOGUE, self.grants[login], terms, chosen)

    def group_grant(self, login: str, group: Membership) -> Grant:
        """Return a member's grant on a Group Folder."""
        return authorize(self.grants[login].caller, FolderType.GROUP, group=group)


def terms_at(clock: FrozenClock, **changed: object) -> Terms:
    """Return a contest's terms: an hour from now on, own contract, live tally."""
    period = Period(clock(), clock() + timedelta(hours=1))
    given: dict[str, object] = {
        "title": "夏の写真", "text": "", "period": period, "audience": Audience.CONTRACT, "tally": Tally.LIVE,
        **changed,
    }  # fmt: skip
    return Terms(**given)  # type: ignore[arg-type]


def picture(shade: int = 1, size: tuple[int, int] = (40, 30)) -> bytes:
    """Return a small photo as PNG."""
    out = BytesIO()
    Image.new("RGB", size, (shade * 20 % 256, 100, 50)).save(out, "PNG")
    return out.getvalue()


def found_hall(database: Database, clock: FrozenClock) -> Hall:
    """Insert the firms and their people; hanako writes in group eigyo, taro reads there."""
    store = CountingStore(MemoryStore())
    fs = FileSystem(database, store, lambda *_: 1 << 40, clock, "azukari")

    def operation(tx: Transaction) -> tuple[dict[str, Grant], dict[str, Membership]]:
        now = clock()
        ids = {
            name: contracts.sign_up(tx, name, plan, CATALOGUE, at=now - timedelta(days=40), now=now)
            for name, plan in PLANS.items()
        }
        grants = {}
        for login, (contract, role) in PEOPLE.items():
            grants[login] = add_login(tx, ids[contract], contract, login, role, clock)
        return grants, {"eigyo": _group(tx, ids["sakura"], clock)}

    grants, memberships = database.write(operation)
    return Hall(fs, store, clock, grants, memberships)


def add_login(tx: Transaction, contract_id: int, contract: str, login: str, role: Role, clock: FrozenClock) -> Grant:
    """Insert a login with its My Folder and return its grant."""
    ledger = Ledger.open(tx.cursor, contract_id)
    number = ledger.take_ids()
    ledger.save()
    logins.add_login(tx, contract_id, number, login, role, "no hash", now=clock())
    files.ensure_root(tx, contract_id, my_folder_root(number), now_us=clock.us)
    pro = PLANS[contract].startswith("pro")
    caller = Caller(contract_id, number, login, role, f"{login}'s PC" if pro else None, pro=pro)
    return authorize(caller, FolderType.MY)


def _group(tx: Transaction, contract_id: int, clock: FrozenClock) -> Membership:
    ledger = Ledger.open(tx.cursor, contract_id)
    number = ledger.take_ids()
    ledger.save()
    groups.add_group(tx, contract_id, number, "eigyo", now=clock())
    groups.set_member(tx, contract_id, number, "hanako", may_write=True)
    groups.set_member(tx, contract_id, number, "taro", may_write=False)
    files.ensure_root(tx, contract_id, f"group/{number}", now_us=clock.us)
    return Membership(number, "eigyo", True)
