"""Who is calling, and how much room there is (R7)."""

from __future__ import annotations

from flask import g

from admin_web.api.shapes import Bytes, Shape
from admin_web.api.subject import Subject
from admin_web.frame import gauge
from admin_web.gate import caller, parts
from quota import standings

subject = Subject("me", "Who is calling, and what they may do")


class Room(Shape):
    """The contract's capacity, to the byte."""

    capacity_bytes: Bytes
    used_bytes: Bytes
    available_bytes: Bytes


class Me(Shape):
    """The caller. `contract` and `room` are null for the service's staff, `device_id` without a device."""

    login_id: str
    role: str
    contract: str | None
    device_id: str | None
    scopes: list[str]
    room: Room | None


@subject.operation("GET /me", scope=None, answer=Me)
def me() -> Me:
    """Tell who is calling and what for they may be here."""
    found, room = caller(), gauge()
    name = None
    if room is not None:
        with parts().database.reading() as tx:
            name = standings.standing(tx, found.contract_id).name
    return Me(
        login_id=found.login_id,
        role=found.role,
        contract=name,
        device_id=found.device_id,
        scopes=sorted(g.scopes),
        room=Room(capacity_bytes=room.capacity_bytes, used_bytes=room.used_bytes, available_bytes=room.available_bytes)
        if room
        else None,
    )
