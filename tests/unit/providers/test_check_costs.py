"""What the checks of a door cost: at most one statement beside the one that tells who is calling.

In the Security Folder that one is the question for the contract's plan, which here is answered without a row.
"""

from __future__ import annotations

import pytest

from tests.unit.providers.conftest import Client
from tests.unit.providers.test_folder import House, house

__all__ = ["house"]

_BESIDE = {"my": 0, "group/営業": 1, "secret": 1, "security": 0}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PROPFIND", "PUT"])
@pytest.mark.parametrize("place", _BESIDE)
def test_r12_the_checks_ask_at_most_one_statement_more(house: House, place: str, method: str) -> None:
    house.unlock()
    shown, hanako = house.prove_line(), house.at("hanako")
    costs = {}
    for where in ("my", place):
        path = f"/dav/{where}/a"
        hanako.put(path, headers=shown)
        _cost(house, hanako, method, path, shown)  # what is prepared once
        costs[where] = _cost(house, hanako, method, path, shown)
    assert costs[place] - costs["my"] == _BESIDE[place], costs


def test_a_read_is_two_statements_who_is_calling_and_which_file(house: House) -> None:
    hanako = house.at("hanako")
    hanako.put("/dav/my/a")
    assert _cost(house, hanako, "GET", "/dav/my/a", {}) == 2


def _cost(house: House, client: Client, method: str, path: str, shown: dict[str, str]) -> int:
    house.office.sql()
    assert client(method, path, b"1" if method == "PUT" else b"", shown).status < 300
    return len(house.office.sql())
