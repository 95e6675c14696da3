"""Changing folders by forms, as a browser without script sends them."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from auth.access import FolderType, authorize
from storage import files, locks
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser with two files and a folder."""
    browser = site.at_work("hanako")
    site.put("hanako", "a.txt", b"A")
    site.put("hanako", "b.txt", b"B")
    assert browser.post("/files/new-folder/my", {"name": "箱"}).status_code == 303
    return browser


def _names(site: Site, *path: str, login: str = "hanako") -> list[str]:
    grant = authorize(site.caller(login), FolderType.MY)
    return [one.name for one in files.members(site.parts.files, grant, files.stat(site.parts.files, grant, path))]


def test_a_new_folder_is_there_and_said_so(site: Site, hanako: Browser) -> None:
    assert _names(site) == ["a.txt", "b.txt", "箱"]
    assert "“箱” was created." in hanako.get("/files/my").text


@pytest.mark.parametrize(("name", "status"), [("箱", 409), ("", 400), ("a/b", 400), ("..", 400), ("x" * 256, 400)])
def test_a_name_that_cannot_be_is_told_on_the_page(hanako: Browser, name: str, status: int) -> None:
    answer = hanako.post("/files/new-folder/my", {"name": name})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "a.txt" in answer.text, "the folder is still shown"


def test_renaming(site: Site, hanako: Browser) -> None:
    assert 'value="a.txt"' in hanako.get("/files/rename/my/a.txt").text
    assert hanako.post("/files/rename/my/a.txt", {"name": "c.txt"}).location == "/files/my"
    assert _names(site) == ["b.txt", "c.txt", "箱"]


def test_renaming_to_the_same_name_changes_nothing(site: Site, hanako: Browser) -> None:
    assert hanako.post("/files/rename/my/a.txt", {"name": "a.txt"}).status_code == 303
    assert _names(site) == ["a.txt", "b.txt", "箱"]


def test_renaming_never_replaces(site: Site, hanako: Browser) -> None:
    answer = hanako.post("/files/rename/my/a.txt", {"name": "b.txt"})
    assert answer.status_code == 409
    assert "This name is taken." in answer.text
    assert _names(site) == ["a.txt", "b.txt", "箱"]


def test_deleting_asks_first_and_then_deletes(site: Site, hanako: Browser) -> None:
    asked = hanako.post("/files/select/my", {"pick": ["a.txt", "箱"], "do": "delete"})
    assert "Delete 2 entries?" in asked.text
    assert _names(site) == ["a.txt", "b.txt", "箱"]
    assert hanako.post("/files/delete/my", {"pick": ["a.txt", "箱"]}).status_code == 303
    assert _names(site) == ["b.txt"]


def test_moving_goes_by_way_of_choosing_a_target(site: Site, hanako: Browser) -> None:
    asked = hanako.post("/files/select/my", {"pick": ["a.txt"], "do": "move"})
    assert 'value="my/箱"' in asked.text
    looked = hanako.post("/files/transfer/my", {"pick": ["a.txt"], "do": "move", "into": "my", "look": "my/箱"})
    assert 'name="into" value="my/箱"' in looked.text
    assert _names(site) == ["a.txt", "b.txt", "箱"]
    done = hanako.post("/files/transfer/my", {"pick": ["a.txt"], "do": "move", "into": "my/箱"})
    assert done.status_code == 303
    assert (_names(site), _names(site, "箱")) == (["b.txt", "箱"], ["a.txt"])


def test_r23_copies_go_to_a_group_of_which_one_is_a_writer(site: Site, hanako: Browser) -> None:
    asked = hanako.post("/files/select/my", {"pick": ["a.txt"], "do": "copy"})
    assert 'value="group/eigyo"' in asked.text
    done = hanako.post("/files/transfer/my", {"pick": ["a.txt"], "do": "copy", "into": "group/eigyo"})
    assert done.location == "/files/group/eigyo"
    assert "a.txt" in hanako.get("/files/group/eigyo").text
    assert _names(site) == ["a.txt", "b.txt", "箱"]


def test_moving_never_replaces_and_says_which_one_stood_in_the_way(site: Site, hanako: Browser) -> None:
    site.put("hanako", "箱/b.txt", b"old")
    answer = hanako.post("/files/transfer/my", {"pick": ["a.txt", "b.txt"], "do": "move", "into": "my/箱"})
    assert answer.status_code == 409
    assert "b.txt: This name is taken." in answer.text
    assert 'name="pick" value="a.txt"' not in answer.text, "what is moved already is not tried again"
    assert (_names(site), _names(site, "箱")) == (["b.txt", "箱"], ["a.txt", "b.txt"])


def test_a_folder_is_not_moved_into_itself(site: Site, hanako: Browser) -> None:
    answer = hanako.post("/files/transfer/my", {"pick": ["箱"], "do": "move", "into": "my/箱"})
    assert answer.status_code == 409
    assert _names(site) == ["a.txt", "b.txt", "箱"]


def test_a_file_someone_is_editing_is_told_in_words(site: Site, hanako: Browser) -> None:
    grant = authorize(site.caller("hanako"), FolderType.MY)
    site.parts.database.write(
        lambda tx: locks.acquire(
            tx.cursor, grant, ("a.txt",), exclusive=True, infinite_depth=False, owner_xml="", timeout_seconds=600,
            now_us=site.clock.us,
        )
    )  # fmt: skip
    answer = hanako.post("/files/delete/my", {"pick": ["a.txt"]})
    assert answer.status_code == 423
    assert "hanako is editing this." in answer.text


def test_a_selection_comes_as_one_zip(hanako: Browser) -> None:
    answer = hanako.post("/files/select/my", {"pick": ["a.txt", "箱"], "do": "zip"})
    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        assert sorted(archive.namelist()) == ["a.txt", "箱/"]


@pytest.mark.parametrize("act", ["delete", "move", "copy", "zip"])
def test_what_is_gone_meanwhile_is_told(hanako: Browser, act: str) -> None:
    assert hanako.post("/files/select/my", {"pick": ["gone.txt"], "do": act}).status_code == 404
    assert hanako.post("/files/delete/my", {"pick": ["gone.txt"]}).status_code == 404


def test_nothing_selected_is_told(hanako: Browser) -> None:
    assert hanako.post("/files/select/my", {"do": "delete"}).status_code == 303
    assert "Nothing was selected." in hanako.get("/files/my").text


def test_an_unknown_act_is_refused(hanako: Browser) -> None:
    assert hanako.post("/files/select/my", {"pick": ["a.txt"], "do": "burn"}).status_code == 400
    assert hanako.post("/files/transfer/my", {"pick": ["a.txt"], "do": "burn", "into": "my"}).status_code == 400


def test_at_most_1000_are_taken_at_a_time(hanako: Browser) -> None:
    picks = [f"n{number}" for number in range(1001)]
    assert hanako.post("/files/delete/my", {"pick": picks}).status_code == 400
