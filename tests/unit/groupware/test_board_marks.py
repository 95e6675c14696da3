"""Whether and where a login is told of mentions."""

from __future__ import annotations

import pytest

from core.errors import InvalidInput
from groupware import board_marks
from groupware.board_marks import Telling
from tests.unit.groupware.hall import Hall


def test_a_login_is_told_unless_it_says_otherwise_and_nowhere_without_an_address(hall: Hall) -> None:
    assert board_marks.telling(hall.fs, hall.grants["hanako"]) == Telling(True, None, "ja")


@pytest.mark.parametrize("on", [True, False])
def test_what_a_login_chooses_is_kept_whatever_it_reads(hall: Hall, on: bool) -> None:
    hanako, chosen = hall.grants["hanako"], Telling(on, "hanako@sakura.example", "en")
    board_marks.set_telling(hall.fs, hanako, Telling(not on, "old@sakura.example", "ja"))
    board_marks.set_telling(hall.fs, hanako, chosen)
    board_marks.mark_all_read(hall.fs, hanako)
    assert board_marks.telling(hall.fs, hanako) == chosen
    board_marks.set_telling(hall.fs, hanako, chosen._replace(mail_address=""))
    assert board_marks.telling(hall.fs, hanako).mail_address is None


@pytest.mark.parametrize("chosen", [Telling(True, "no address", "ja"), Telling(True, "a@b.example", "fr")])
def test_what_is_no_address_or_language_is_refused(hall: Hall, chosen: Telling) -> None:
    with pytest.raises(InvalidInput):
        board_marks.set_telling(hall.fs, hall.grants["hanako"], chosen)
