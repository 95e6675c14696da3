"""`azukari contract …`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from typer.testing import CliRunner

from core import clock
from gateway.commands import contracts, groups, users
from quota.catalogue import GB_BYTES
from quota.months import BillingMonth
from tests.unit.gateway.commands.conftest import Shell
from tests.unit.storage.purging import fill


def hold(shell: Shell, contract: str, *gigabytes: int) -> None:
    """Have a contract hold files of so many gigabytes."""
    database = shell.database()
    from quota.contracts import find

    database.write(
        lambda tx: fill(tx, find(tx, contract), [size * GB_BYTES for size in gigabytes], list(range(len(gigabytes))))
    )
    database.dispose()


def test_a_new_contract_is_shown_as_the_interface_says(shell: Shell) -> None:
    added = shell.done(contracts.app, "add", "aoi", "--plan", "paid-25")
    assert {
        key: added[key] for key in ("name", "plan", "state", "capacity_bytes", "used_bytes", "available_bytes")
    } == {
        "name": "aoi",
        "plan": "paid-25",
        "state": "active",
        "capacity_bytes": 25 * GB_BYTES,
        "used_bytes": 0,
        "available_bytes": 25 * GB_BYTES,
    }
    assert added["purge"] is None


def test_r1_the_room_is_told_in_photos_and_songs(shell: Shell) -> None:
    shown = shell.done(contracts.app, "show", "kaede")
    assert (shown["available_photos"], shown["available_songs"]) == (3000, 2000)


def test_effective_times_may_lie_in_the_past_and_show_looks_back(shell: Shell) -> None:
    shell.done(contracts.app, "add", "aoi", "--plan", "paid-25", "--at", "2023-06-01")
    shell.done(contracts.app, "plan", "aoi", "paid-100", "--channel", "phone", "--at", "2023-06-10T12:00:00+09:00")
    plans = {
        at: (shown["state"], shown["plan"])
        for at in ("2023-05-31", "2023-06-01", "2023-06-10T11:59:59+09:00", "2023-06-10T12:00:00+09:00")
        for shown in [shell.done(contracts.app, "show", "aoi", "--at", at)]
    }
    assert list(plans.values()) == [
        ("not-begun", None),
        ("active", "paid-25"),
        ("active", "paid-25"),
        ("active", "paid-100"),
    ]
    history = shell.done(contracts.app, "show", "aoi")["history"]
    assert [(one["kind"], one["channel"]) for one in history] == [("sign-up", "shop"), ("plan", "phone")]


def test_r4_a_smaller_plan_shows_when_what_goes(shell: Shell) -> None:
    hold(shell, "sakura", 4, 5, 6)
    shown = shell.done(contracts.app, "plan", "sakura", "pro-10")
    assert shown["purge"] == {
        "at": shown["purge"]["at"],
        "to_bytes": 10 * GB_BYTES,
        "excess_bytes": 5 * GB_BYTES,
    }
    deadline = BillingMonth.of(clock.now()).next().end()
    assert clock.parse_instant(shown["purge"]["at"]) == deadline
    assert shown["available_bytes"] == 0
    to_go = shell.done(contracts.app, "show", "sakura")["files_to_go"]
    assert [one["size_bytes"] // GB_BYTES for one in to_go] == [4, 5]


def test_r5_a_bonus_is_added_and_removed(shell: Shell) -> None:
    added = shell.done(contracts.app, "bonus", "kaede", "add", "members-club")
    assert (added["services"], added["capacity_bytes"]) == (["members-club"], 15 * GB_BYTES)
    removed = shell.done(contracts.app, "bonus", "kaede", "remove", "members-club")
    assert (removed["services"], removed["capacity_bytes"]) == ([], 10 * GB_BYTES)
    assert "members-club, remote-support" in shell.refused(contracts.app, "bonus", "kaede", "add", "golf")


def test_r9_an_ended_contract_shows_until_when_it_is_readable(shell: Shell) -> None:
    shell.done(contracts.app, "add", "aoi", "--plan", "paid-50", "--at", "2024-04-10")
    shown = shell.done(contracts.app, "end", "aoi", "--at", "2024-05-01T00:00:00+09:00")
    assert (shown["state"], shown["capacity_bytes"], shown["readable_until"]) == (
        "ended",
        0,
        "2024-07-01T00:00:00+09:00",
    )
    assert "has ended" in shell.refused(contracts.app, "plan", "aoi", "paid-25")


def test_an_end_to_come_is_shown_and_changes_nothing_yet(shell: Shell) -> None:
    later = (clock.now() + timedelta(days=3)).isoformat()
    shown = shell.done(contracts.app, "end", "kaede", "--at", later)
    assert (shown["state"], shown["capacity_bytes"]) == ("active", 10 * GB_BYTES)
    assert clock.parse_instant(shown["ended_at"]) == clock.parse_instant(later)


def test_a_preview_says_costs_and_losses_and_changes_nothing(shell: Shell) -> None:
    hold(shell, "sakura", 4, 5, 6)
    choice = shell.done(contracts.app, "preview", "sakura", "pro-10")
    assert (choice["fee_next_month_yen"], choice["purge"]["files"], choice["purge"]["size_bytes"]) == (
        0,
        2,
        9 * GB_BYTES,
    )
    assert "would delete 2 files" in choice["words"]
    assert shell.done(contracts.app, "show", "sakura")["plan"] == "pro-50"
    every = {one["plan"]: one["purge"] for one in shell.done(contracts.app, "preview", "sakura")}
    assert set(every) == {"free-5", "free-10", "paid-25", "paid-50", "paid-100", "pro-10", "pro-25", "pro-100"}
    assert every["pro-25"] is None


def test_reminders_are_switched_on_and_off(shell: Shell) -> None:
    shell.done(contracts.app, "notify", "kaede", "office@kaede.example")
    assert shell.done(contracts.app, "show", "kaede")["notify_address"] == "office@kaede.example"
    shell.done(contracts.app, "notify", "kaede")
    assert shell.done(contracts.app, "show", "kaede")["notify_address"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", "sakura", "--plan", "pro-10"], "taken"),
        (["add", "aoi", "--plan", "huge"], "paid-100"),
        (["plan", "nobody", "pro-10"], "nobody"),
        (["plan", "sakura", "pro-10", "--channel", "fax"], "web, phone, shop"),
        (["show", "nobody"], "nobody"),
    ],
)
def test_a_refusal_says_why(shell: Shell, words: list[str], told: str) -> None:
    assert told in shell.refused(contracts.app, *words)


@pytest.mark.parametrize("words", [["bonus", "sakura", "swap", "x"], ["show", "sakura", "--at", "yesterday"], ["add"]])
def test_wrong_usage_ends_with_status_2(shell: Shell, words: list[str]) -> None:
    assert CliRunner().invoke(contracts.app, [*words, "--data", str(shell.data)]).exit_code == 2


def test_people_read_the_deadline_the_fee_and_the_files_in_words(shell: Shell) -> None:
    hold(shell, "sakura", 4, 5, 6)
    shell.done(contracts.app, "plan", "sakura", "pro-10")
    said = CliRunner().invoke(contracts.app, ["show", "sakura", "--data", str(shell.data)]).stdout
    assert f"{5 * GB_BYTES:,} bytes, the oldest first" in said
    assert "would go: many/" in said
    assert "yen in" in said


def test_r22_limits_of_logins_and_groups_are_set_shown_and_taken_away(shell: Shell) -> None:
    shell.done(users.app, "add", "sakura", "hanako")
    shell.done(groups.app, "add", "sakura", "eigyo")
    said = shell.done(contracts.app, "limit", "sakura", "500MB", "--login", "hanako")
    assert said == {"name": "sakura", "login": "hanako", "group": None, "limit_bytes": 500 * 2**20}
    shell.done(contracts.app, "limit", "sakura", "7", "--group", "eigyo")
    assert shell.done(contracts.app, "show", "sakura")["limits"] == [
        {"kind": "login", "name": "hanako", "limit_bytes": 500 * 2**20},
        {"kind": "group", "name": "eigyo", "limit_bytes": 7},
    ]
    shell.done(contracts.app, "limit", "sakura", "none", "--login", "hanako")
    shown = CliRunner().invoke(contracts.app, ["show", "sakura", "--data", str(shell.data)]).stdout
    assert [line.split() for line in shown.splitlines() if line.startswith("limit of")] == [
        ["limit", "of", "group", "eigyo", "7", "bytes"]
    ]


def test_a_limit_is_for_one_login_or_group_of_the_contract(shell: Shell) -> None:
    shell.done(users.app, "add", "momiji", "taro")
    assert "taro" in shell.refused(contracts.app, "limit", "sakura", "5GB", "--login", "taro")
    assert "eigyo" in shell.refused(contracts.app, "limit", "sakura", "5GB", "--group", "eigyo")
    assert "5 GiB" in shell.refused(contracts.app, "limit", "momiji", "5 GiB", "--login", "taro")
    for owners in ([], ["--login", "taro", "--group", "eigyo"]):
        said = CliRunner().invoke(contracts.app, ["limit", "momiji", "5", *owners, "--data", str(shell.data)])
        assert said.exit_code == 2
