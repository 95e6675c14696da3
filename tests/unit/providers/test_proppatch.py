"""PROPPATCH."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.unit.providers.conftest import DAV, Client, Office, setting, updating

FILE, FOLDER = "/dav/my/a.txt", "/dav/my/d"
MICROSOFT = "urn:schemas-microsoft-com:"
WIN32 = {
    "Win32CreationTime": "Sat, 02 May 2015 10:11:12 GMT",
    "Win32LastModifiedTime": "Sun, 03 May 2015 10:11:12 GMT",
    "Win32LastAccessTime": "Mon, 04 May 2015 10:11:12 GMT",
    "Win32FileAttributes": "00000020",
}


@pytest.fixture
def client(hanako: Client) -> Client:
    """Return hanako's device with a file and a folder."""
    hanako.put(FILE)
    hanako.mkcol(FOLDER)
    return hanako


def told(client: Client, path: str, namespace: str, *names: str) -> dict[str, str]:
    """Return the values of dead properties that are there."""
    wanted = "".join(f'<{name} xmlns="{namespace}"/>' for name in names)
    body = f'<propfind xmlns="DAV:"><prop>{wanted}</prop></propfind>'.encode()
    found = client("PROPFIND", path, body, depth="0").properties()
    return {tag.rpartition("}")[2]: prop.text or "" for tag, prop in found.items()}


@pytest.mark.parametrize("path", [FILE, FOLDER, FOLDER + "/", "/dav/my/"])
def test_a8_w4_the_four_win32_properties_are_kept_on_files_and_folders(client: Client, path: str) -> None:
    answer = client("PROPPATCH", path, updating("set", MICROSOFT, WIN32))
    assert answer.status == 207
    assert set(answer.properties()) == {f"{{{MICROSOFT}}}{name}" for name in WIN32}
    assert told(client, path, MICROSOFT, *WIN32) == WIN32


def test_a8_the_win32_times_become_the_files_own(client: Client) -> None:
    client("PROPPATCH", FILE, updating("set", MICROSOFT, WIN32))
    values = client("PROPFIND", FILE, depth="0").values()
    assert values["getlastmodified"] == "Sun, 03 May 2015 10:11:12 GMT"
    assert values["creationdate"] == "2015-05-02T10:11:12Z"


def test_w4_a_win32_time_that_is_no_date_is_kept_and_moves_nothing(client: Client) -> None:
    before = client("PROPFIND", FILE, depth="0").values()["getlastmodified"]
    for value in ("", "yesterday", "Fri, 32 Foo 2015 10:11:12 GMT", "Mon, 01 Jan 99999 00:00:00 GMT"):
        answer = client("PROPPATCH", FILE, updating("set", MICROSOFT, {"Win32LastModifiedTime": value}))
        assert answer.properties() != {}
        assert told(client, FILE, MICROSOFT, "Win32LastModifiedTime") == {"Win32LastModifiedTime": value}
    assert client("PROPFIND", FILE, depth="0").values()["getlastmodified"] == before


@pytest.mark.parametrize("year", ["1601", "9999"])
def test_every_time_that_was_accepted_can_be_listed(client: Client, year: str) -> None:
    date = f"Mon, 15 Jan {year} 00:00:00 GMT"
    assert client("PROPPATCH", FILE, updating("set", "DAV:", {"getlastmodified": date})).status == 207
    values = client("PROPFIND", "/dav/my/", depth="1").values(response=1)
    assert values["getlastmodified"][8:16] == f"Jan {year}"


def test_getlastmodified_may_be_set_and_has_to_be_a_date(client: Client) -> None:
    date = "Sun, 03 May 2015 10:11:12 GMT"
    assert client("PROPPATCH", FILE, updating("set", "DAV:", {"getlastmodified": date})).properties() != {}
    assert client("GET", FILE).headers["last-modified"] == date
    assert client("PROPPATCH", FILE, updating("set", "DAV:", {"getlastmodified": "x"})).status == 400


def test_o4_the_owner_of_a_lock_sets_win32_properties_without_its_token(client: Client, taro: Client) -> None:
    client.put("/dav/group/a.txt")
    token = client.lock("/dav/group/a.txt")
    win32 = updating("set", MICROSOFT, WIN32)
    assert client("PROPPATCH", "/dav/group/a.txt", win32).status == 207
    assert taro("PROPPATCH", "/dav/group/a.txt", win32).status == 423
    assert client("PROPPATCH", "/dav/group/a.txt", setting(colour="red")).status == 423
    assert client("PROPPATCH", "/dav/group/a.txt", setting(colour="red"), {"If": f"(<{token}>)"}).status == 207


def test_a_property_is_set_replaced_and_removed(client: Client) -> None:
    client("PROPPATCH", FILE, setting(colour="red", size="9"))
    client("PROPPATCH", FILE, setting(colour="blue"))
    assert told(client, FILE, "urn:x", "colour", "size") == {"colour": "blue", "size": "9"}
    assert client("PROPPATCH", FILE, updating("remove", "urn:x", {"colour": ""})).properties() != {}
    assert told(client, FILE, "urn:x", "colour", "size") == {"size": "9"}
    assert client("PROPPATCH", FILE, updating("remove", "urn:x", {"none": ""})).properties() != {}


def test_instructions_are_carried_out_in_document_order(client: Client) -> None:
    body = (
        b'<propertyupdate xmlns="DAV:" xmlns:x="urn:x"><set><prop><x:a>1</x:a></prop></set>'
        b"<remove><prop><x:a/></prop></remove><set><prop><x:a>2</x:a><x:b>1</x:b></prop></set>"
        b"<remove><prop><x:b/></prop></remove></propertyupdate>"
    )
    client("PROPPATCH", FILE, body)
    assert told(client, FILE, "urn:x", "a", "b") == {"a": "2"}


@pytest.mark.parametrize(
    "value", ["a&amp;b &lt;c&gt;", "<y xmlns='urn:y' z='1'>t<w/>u</y>v", "<![CDATA[<&]]>", "日本語 %s %", "  spaced  "]
)
def test_a_value_comes_back_as_it_was_sent(client: Client, value: str) -> None:
    client("PROPPATCH", FILE, setting(colour=value))
    body = b'<propfind xmlns="DAV:"><prop><colour xmlns="urn:x"/></prop></propfind>'
    found = client("PROPFIND", FILE, body, depth="0").properties()["{urn:x}colour"]
    whole = client("PROPFIND", "/dav/my/", depth="1")
    sent = f"<colour>{value}</colour>"
    wanted = etree.fromstring(sent)
    for one in (found, whole.properties(response=whole.hrefs().index(FILE))["{urn:x}colour"]):
        assert (one.text, len(one)) == (wanted.text, len(wanted))
        assert [(child.tag, child.text, child.tail, dict(child.attrib)) for child in one] == [
            (child.tag, child.text, child.tail, dict(child.attrib)) for child in wanted
        ]


def test_a_value_of_64_kib_is_kept_and_a_longer_one_refused(client: Client) -> None:
    room = 65_536 - len('<P:colour xmlns:P="urn:x" xmlns:D="DAV:"></P:colour>')
    assert client("PROPPATCH", FILE, setting(colour="x" * room)).status == 207
    answer = client("PROPPATCH", FILE, setting(colour="x" * (room + 1)))
    assert answer.status == 400
    assert "65536" in answer.text
    assert len(told(client, FILE, "urn:x", "colour")["colour"]) == room


def test_the_language_of_a_value_is_kept(client: Client) -> None:
    body = (
        b'<propertyupdate xmlns="DAV:"><set><prop><c xmlns="urn:x" xml:lang="ja">aka</c></prop></set></propertyupdate>'
    )
    client("PROPPATCH", FILE, body)
    assert b'xml:lang="ja"' in client("PROPFIND", FILE, depth="0").body


def test_a_protected_property_is_403_the_others_424_and_nothing_is_changed(client: Client) -> None:
    body = (
        b'<propertyupdate xmlns="DAV:"><set><prop><c xmlns="urn:x">red</c><getetag>"x"</getetag></prop></set>'
        b"<remove><prop><quota-used-bytes/></prop></remove></propertyupdate>"
    )
    answer = client("PROPPATCH", FILE, body)
    assert answer.status == 207
    assert set(answer.properties("403 Forbidden")) == {DAV + "getetag", DAV + "quota-used-bytes"}
    assert set(answer.properties("424 Failed Dependency")) == {"{urn:x}c"}
    assert answer.xml.find(f".//{DAV}error/{DAV}cannot-modify-protected-property") is not None
    assert told(client, FILE, "urn:x", "c") == {}


def test_a11_depth_is_ignored(client: Client) -> None:
    for depth in ("0", "1", "infinity", "x"):
        assert client("PROPPATCH", FOLDER, setting(colour="red"), depth=depth).status == 207


def test_g1_a_missing_path_is_404_not_207(client: Client) -> None:
    assert client("PROPPATCH", "/dav/my/none", setting(colour="red")).status == 404
    protected = updating("set", "DAV:", {"getetag": "x"})
    assert client("PROPPATCH", "/dav/my/none", protected).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b'<propertyupdate xmlns="DAV:"/>',
        b'<propertyupdate xmlns="DAV:"><set><prop/></set></propertyupdate>',
        b'<propfind xmlns="DAV:"><allprop/></propfind>',
        b'<!DOCTYPE x [<!ENTITY e "v">]><propertyupdate xmlns="DAV:"><set><prop>&e;</prop></set></propertyupdate>',
        updating("set", "urn:" + "x" * 512, {"a": "1"}),
    ],
)
def test_a12_a_body_that_is_no_propertyupdate_is_400(client: Client, body: bytes) -> None:
    assert client("PROPPATCH", FILE, body).status == 400


def test_a_condition_that_does_not_hold_is_412_and_changes_nothing(office: Office, client: Client) -> None:
    assert client("PROPPATCH", FILE, setting(colour="red"), if_match='"x"').status == 412
    assert told(client, FILE, "urn:x", "colour") == {}
