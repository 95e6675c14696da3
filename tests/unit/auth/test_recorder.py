"""Last seen: noted by requests, written by one thread, at most once a minute."""

from __future__ import annotations

from auth import accesslog, devices
from auth.accesslog import Entry, Query
from auth.devices import Device
from auth.journal import Journal
from auth.recorder import Recorder
from auth.sightings import Sightings
from tests.unit.auth.cast import OFFICE, PC, SAKURA, Cast


def _seen(cast: Cast, device_id: str) -> Device:
    with cast.database.reading() as tx:
        return devices.describe(tx, device_id)


def test_r13_a_device_is_last_seen_when_where_and_with_what(cast: Cast) -> None:
    device, sightings = cast.device("hanako"), Sightings()
    recorder = Recorder(cast.database, Journal(cast.database), sightings)
    identifier = cast.identifier(sightings=sightings)
    assert _seen(cast, device.device_id).last_seen_at is None
    identifier.by_basic("hanako", device.dav_password, PC)
    recorder.flush()
    shown = _seen(cast, device.device_id)
    assert (shown.last_seen_at, shown.last_address, shown.last_client) == (cast.clock(), OFFICE, PC.client)


def test_r13_a_device_is_written_at_most_once_a_minute(cast: Cast) -> None:
    device, sightings = cast.device("hanako"), Sightings()
    recorder = Recorder(cast.database, Journal(cast.database), sightings)
    identifier = cast.identifier(sightings=sightings)

    def request() -> int:
        identifier.by_basic("hanako", device.dav_password, PC)
        cast.database.probe.reset()
        recorder.flush()
        return len(cast.database.probe.own)

    assert request() == 1
    cast.clock.advance(seconds=59, microseconds=999_999)
    assert request() == 0
    cast.clock.advance(microseconds=1)
    assert request() == 1


def test_a_sighting_of_another_process_that_is_later_stays(cast: Cast) -> None:
    device = cast.device("hanako")
    here, there = Sightings(), Sightings()
    cast.identifier(sightings=here).by_basic("hanako", device.dav_password, PC)
    later = cast.clock.advance(seconds=1)
    cast.identifier(sightings=there).by_basic("hanako", device.dav_password, PC)
    for sightings in (there, here):
        Recorder(cast.database, Journal(cast.database), sightings).flush()
    assert _seen(cast, device.device_id).last_seen_at == later


def test_stopping_writes_down_what_is_left(cast: Cast) -> None:
    journal = Journal(cast.database)
    recorder = Recorder(cast.database, journal, Sightings())
    recorder.start()
    journal.note(SAKURA, Entry(cast.clock(), "hanako", "", "", OFFICE, "get", "/my/a", "ok"))
    recorder.stop()
    with cast.database.reading() as tx:
        assert [one.path for one in accesslog.search(tx, SAKURA, Query())] == ["/my/a"]


def test_what_else_gathers_is_flushed_too(cast: Cast) -> None:
    recorder = Recorder(cast.database, Journal(cast.database), Sightings())
    flushed: list[str] = []
    recorder.also(lambda: flushed.append("counters"))
    recorder.stop()
    assert flushed == ["counters"]
