"""PROPFIND: what is told, how much of it, and what it costs."""

from __future__ import annotations

import pytest

from providers.http import Limits
from tests.unit.providers.conftest import DAV, Client, Office, asking, setting, updating

ALLPROP = b'<propfind xmlns="DAV:"><allprop/></propfind>'
PROPNAME = b'<propfind xmlns="DAV:"><propname/></propfind>'
EXPLORER = {"User-Agent": "Microsoft-WebDAV-MiniRedir/10.0.19045"}
ON_A_FILE = {
    "resourcetype", "getcontentlength", "getlastmodified", "getetag", "getcontenttype", "creationdate",
    "displayname", "lockdiscovery", "supportedlock",
}  # fmt: skip
ON_A_COLLECTION = ON_A_FILE - {"getcontentlength", "getetag", "getcontenttype"}
QUOTA = {"quota-available-bytes", "quota-used-bytes"}
WIN32 = {
    "Win32CreationTime": "Wed, 01 Apr 2026 03:00:00 GMT",
    "Win32LastModifiedTime": "Wed, 01 Apr 2026 03:00:00 GMT",
    "Win32LastAccessTime": "Wed, 01 Apr 2026 03:00:00 GMT",
    "Win32FileAttributes": "00000020",
}


def names_of(properties: object) -> set[str]:
    return {str(tag).removeprefix(DAV) for tag in properties}  # type: ignore[attr-defined]


@pytest.fixture
def filled(hanako: Client) -> Client:
    """Return hanako's device with a folder, a file in it, and a file beside it."""
    hanako.mkcol("/dav/my/d")
    hanako.put("/dav/my/d/b.txt", b"12345")
    hanako.put("/dav/my/a.txt", b"123")
    return hanako


@pytest.mark.parametrize("body", [b"", ALLPROP])
def test_allprop_tells_every_live_property_but_quota(filled: Client, body: bytes) -> None:
    answer = filled("PROPFIND", "/dav/my/a.txt", body, depth="0")
    assert answer.status == 207
    assert names_of(answer.properties()) == ON_A_FILE
    assert names_of(filled("PROPFIND", "/dav/my/d", body, depth="0").properties()) == ON_A_COLLECTION
    assert answer.values() | {"getetag": ""} == {
        "resourcetype": "",
        "getcontentlength": "3",
        "getlastmodified": "Wed, 01 Apr 2026 03:00:00 GMT",
        "getetag": "",
        "getcontenttype": "text/plain",
        "creationdate": "2026-04-01T03:00:00Z",
        "displayname": "a.txt",
        "lockdiscovery": "",
        "supportedlock": "",
    }


def test_a3_allprop_with_include_tells_the_included_too(filled: Client) -> None:
    body = b'<propfind xmlns="DAV:"><allprop/><include><quota-used-bytes/></include></propfind>'
    answer = filled("PROPFIND", "/dav/my/", body, depth="1")
    assert names_of(answer.properties()) == ON_A_COLLECTION | {"quota-used-bytes"}
    assert names_of(answer.properties(response=1)) == ON_A_FILE
    assert answer.properties("404 Not Found", response=1) == {}


def test_a3_propname_returns_names_without_values(filled: Client) -> None:
    filled("PROPPATCH", "/dav/my/a.txt", setting(colour="red"))
    answer = filled("PROPFIND", "/dav/my/a.txt", PROPNAME, depth="0")
    found = answer.properties()
    assert names_of(found) == ON_A_FILE | {"{urn:x}colour"}
    assert all(one.text is None and len(one) == 0 for one in found.values())
    assert names_of(filled("PROPFIND", "/dav/my/d", PROPNAME, depth="0").properties()) == ON_A_COLLECTION | QUOTA


def test_prop_tells_what_is_there_and_404_for_what_is_not(filled: Client) -> None:
    filled("PROPPATCH", "/dav/my/a.txt", setting(colour="red"))
    body = (
        b'<propfind xmlns="DAV:" xmlns:x="urn:x"><prop><getcontentlength/><x:colour/><x:size/><quota-used-bytes/>'
        b'<none xmlns=""/><odd xmlns="http://x/%20?a&amp;b"/></prop></propfind>'
    )
    answer = filled("PROPFIND", "/dav/my/", body, depth="1")
    assert names_of(answer.properties()) == {"quota-used-bytes"}
    on_file = [answer.hrefs().index("/dav/my/a.txt"), answer.hrefs().index("/dav/my/d/")]
    assert names_of(answer.properties(response=on_file[0])) == {"getcontentlength", "{urn:x}colour"}
    assert answer.properties(response=on_file[0])["{urn:x}colour"].text == "red"
    odd = {"none", "{http://x/%20?a&b}odd"}
    assert names_of(answer.properties("404 Not Found", on_file[0])) == odd | {"quota-used-bytes", "{urn:x}size"}
    missing = odd | {"getcontentlength", "{urn:x}size", "{urn:x}colour"}
    assert names_of(answer.properties("404 Not Found", on_file[1])) == missing


def test_a_resource_with_nothing_of_what_was_asked_has_only_a_404_propstat(filled: Client) -> None:
    answer = filled("PROPFIND", "/dav/my/d", asking("getetag"), depth="0")
    assert answer.text.count("<D:propstat>") == 1
    assert names_of(answer.properties("404 Not Found")) == {"getetag"}


def test_an_empty_prop_is_answered_200_with_nothing(filled: Client) -> None:
    answer = filled("PROPFIND", "/dav/my/a.txt", asking(), depth="0")
    assert (answer.status, answer.properties(), answer.hrefs()) == (207, {}, ["/dav/my/a.txt"])


@pytest.mark.parametrize("preference", [{"Prefer": "return=minimal"}, {"Prefer": "return = minimal"}, {"Brief": "t"}])
def test_rfc8144_a_minimal_answer_leaves_out_what_is_missing(filled: Client, preference: dict[str, str]) -> None:
    answer = filled("PROPFIND", "/dav/my/d", asking("getetag", "displayname"), preference, depth="0")
    assert names_of(answer.properties()) == {"displayname"}
    assert "404" not in answer.text


def test_depth_decides_what_is_shown(filled: Client) -> None:
    assert filled("PROPFIND", "/dav/my/", depth="0").hrefs() == ["/dav/my/"]
    assert sorted(filled("PROPFIND", "/dav/my/", depth="1").hrefs()) == ["/dav/my/", "/dav/my/a.txt", "/dav/my/d/"]
    whole = ["/dav/my/", "/dav/my/a.txt", "/dav/my/d/", "/dav/my/d/b.txt"]
    assert sorted(filled("PROPFIND", "/dav/my/", depth="infinity").hrefs()) == whole
    assert sorted(filled("PROPFIND", "/dav/my/").hrefs()) == whole
    assert filled("PROPFIND", "/dav/my/a.txt", depth="infinity").hrefs() == ["/dav/my/a.txt"]


@pytest.mark.parametrize("depth", ["2", "x", "-1", "1,noroot", "infinite"])
def test_another_depth_is_400(filled: Client, depth: str) -> None:
    assert filled("PROPFIND", "/dav/my/", depth=depth).status == 400


@pytest.mark.parametrize("depth", ["infinity", None])
def test_a3_infinite_depth_beyond_the_limit_is_403_propfind_finite_depth(
    office: Office, filled: Client, depth: str | None
) -> None:
    asked = {} if depth is None else {"Depth": depth}
    assert office.client("hanako", propfind_entries=4)("PROPFIND", "/dav/my/", b"", asked).status == 207
    answer = office.client("hanako", propfind_entries=3)("PROPFIND", "/dav/my/", b"", asked)
    assert answer.status == 403
    assert answer.xml.find(DAV + "propfind-finite-depth") is not None
    assert office.client("hanako", propfind_entries=3)("PROPFIND", "/dav/my/", depth="1").status == 207


def test_g1_collections_answer_with_and_without_the_slash_and_a_missing_path_is_404(filled: Client) -> None:
    assert filled("PROPFIND", "/dav/my/d", depth="1").hrefs() == ["/dav/my/d/", "/dav/my/d/b.txt"]
    assert filled("PROPFIND", "/dav/my/d/", depth="1").hrefs() == ["/dav/my/d/", "/dav/my/d/b.txt"]
    assert filled("PROPFIND", "/dav/my", depth="0").hrefs() == ["/dav/my/"]
    assert filled("PROPFIND", "/dav/my/none", depth="0").status == 404


def test_g2_hrefs_use_upper_case_escapes(hanako: Client) -> None:
    hanako.put("/dav/my/é ü&<>%'\".txt")
    answer = hanako("PROPFIND", "/dav/my/", depth="1")
    assert "<D:href>/dav/my/%C3%A9%20%C3%BC%26%3C%3E%25'%22.txt</D:href>" in answer.text
    assert answer.values(response=1)["displayname"] == "é ü&<>%'\".txt"


def test_a6_a_name_in_nfd_finds_the_file_in_nfc(hanako: Client) -> None:
    hanako.put("/dav/my/か\u3099は\u309a.txt", b"1")
    assert hanako("PROPFIND", "/dav/my/がぱ.txt", depth="0").hrefs() == ["/dav/my/がぱ.txt"]
    assert hanako("PUT", "/dav/my/がぱ.txt", b"2").status == 204
    assert hanako("GET", "/dav/my/か\u3099は\u309a.txt").body == b"2"
    assert hanako("PROPFIND", "/dav/my/", depth="1").hrefs() == ["/dav/my/", "/dav/my/がぱ.txt"]


@pytest.mark.parametrize("path", ["/", "/dav/", "/dav/my", "/dav/my/d/"])
def test_d3_r7_quota_is_on_every_collection_and_exact(office: Office, filled: Client, path: str) -> None:
    office.firm.capacity_bytes = 100
    answer = filled("PROPFIND", path, asking(*QUOTA), depth="0")
    assert answer.values() == {"quota-available-bytes": "92", "quota-used-bytes": "8"}


def test_r7_over_capacity_nothing_is_available_rather_than_less(office: Office, filled: Client) -> None:
    office.firm.capacity_bytes = 5
    answer = filled("PROPFIND", "/dav/my/", asking(*QUOTA), depth="0")
    assert answer.values() == {"quota-available-bytes": "0", "quota-used-bytes": "8"}


@pytest.mark.parametrize("path", ["/", "/dav/my/"])
@pytest.mark.parametrize("body", [PROPNAME, ALLPROP.replace(b"<allprop/>", b"<prop><quota-used-bytes/></prop>")])
def test_f4_quota_can_be_hidden_from_a_user_agent(office: Office, path: str, body: bytes) -> None:
    client = office.client("hanako", hide_quota_from=("WebDAVFS/3",))
    hidden = client("PROPFIND", path, body, depth="0", user_agent="WebDAVFS/3.0.0 (03008000) Darwin/24.4.0")
    assert not names_of(hidden.properties()) & QUOTA
    shown = client("PROPFIND", path, body, depth="0", user_agent="WebDAVFS/1.8")
    assert "quota-used-bytes" in names_of(shown.properties())


def test_a10_ten_thousand_entries_are_streamed_with_two_statements_a_page_and_no_store_request(
    office: Office, hanako: Client
) -> None:
    hanako.mkcol("/dav/my/big")
    office.fill(("big",), [f"file-{i:05}.txt" for i in range(10_000)])
    office.sql()
    answer = hanako("PROPFIND", "/dav/my/big/", depth="1")
    assert len(answer.xml) == 10_001
    assert answer.blocks == 12, "its own entry, ten pages and the end"
    # Who is calling, the path, locks on it and below, its own dead properties; then rows and dead properties.
    assert len(office.sql()) <= 5 + 2 * 10 + 1
    assert office.store.requests == {}


def test_a10_live_properties_alone_cost_one_statement_a_page(office: Office, hanako: Client) -> None:
    hanako.mkcol("/dav/my/big")
    office.fill(("big",), [f"{i:04}" for i in range(2500)])
    office.sql()
    assert len(hanako("PROPFIND", "/dav/my/big/", asking("getetag"), depth="1").xml) == 2501
    assert len(office.sql()) == 2 + 3


def test_one_entry_costs_one_statement_beside_who_is_calling(office: Office, filled: Client) -> None:
    office.sql()
    filled("PROPFIND", "/dav/my/d/b.txt", asking("getetag", "displayname", "getlastmodified"), depth="0")
    assert len(office.sql()) == 2


@pytest.mark.parametrize("count", [999, 1000, 1001, 2000])
def test_no_entry_is_lost_or_doubled_at_the_edge_of_a_page(office: Office, hanako: Client, count: int) -> None:
    office.fill((), [f"{i:04}" for i in range(count)])
    for depth in ("1", "infinity"):
        hrefs = hanako("PROPFIND", "/dav/my/", asking("getetag"), depth=depth).hrefs()
        assert hrefs == ["/dav/my/", *(f"/dav/my/{i:04}" for i in range(count))]


def test_dead_properties_beyond_the_first_page_are_told(office: Office, hanako: Client) -> None:
    office.fill((), [f"{i:04}" for i in range(1500)], {"{urn:x}colour": '<colour xmlns="urn:x">a%b</colour>'})
    body = b'<propfind xmlns="DAV:"><prop><colour xmlns="urn:x"/></prop></propfind>'
    assert hanako("PROPFIND", "/dav/my/", body, depth="1").text.count(">a%b</colour>") == 1500


@pytest.mark.parametrize("body", [b"", ALLPROP, asking("creationdate", "displayname", "getetag", "resourcetype")])
def test_w5_explorers_listing_of_3000_japanese_names_stays_under_a_million_bytes(
    office: Office, hanako: Client, body: bytes
) -> None:
    properties = {
        f"{{urn:schemas-microsoft-com:}}{name}": f'<Z:{name} xmlns:Z="urn:schemas-microsoft-com:">{value}</Z:{name}>'
        for name, value in WIN32.items()
    }
    office.fill((), [f"見積書（第{i:04}号）.xlsx" for i in range(3000)], properties)
    answer = hanako("PROPFIND", "/dav/my/", body, EXPLORER, depth="1")
    assert len(answer.xml) == 3001
    assert len(answer.body) < 1_000_000
    assert {"resourcetype"} <= names_of(answer.properties(response=3000))


def test_w5_a_short_listing_tells_explorer_times_sizes_and_its_own_attributes(filled: Client) -> None:
    filled("PROPPATCH", "/dav/my/a.txt", updating("set", "urn:schemas-microsoft-com:", WIN32))
    answer = filled("PROPFIND", "/dav/my/a.txt", b"", EXPLORER, depth="1")
    told = names_of(answer.properties())
    assert {"resourcetype", "getcontentlength", "getlastmodified", "creationdate"} <= told
    assert {f"{{urn:schemas-microsoft-com:}}{name}" for name in WIN32} <= told


def test_w5_a_listing_too_long_for_explorer_is_still_whole(office: Office, hanako: Client) -> None:
    office.fill((), [f"{i:05}{'長' * 60}" for i in range(3000)])
    answer = hanako("PROPFIND", "/dav/my/", b"", EXPLORER, depth="1")
    assert len(answer.xml) == 3001


@pytest.mark.parametrize(
    "body",
    [
        b"<",
        b"<propfind/>",
        b'<propfind xmlns="DAV:"/>',
        b'<propfind xmlns="DAV:"><prop/><allprop/></propfind>',
        b'<prop xmlns="DAV:"/>',
        b'<propfind xmlns="DAV:"><prop><b:x xmlns:b=""/></prop></propfind>',
        b'<!DOCTYPE x [<!ENTITY e "v">]><propfind xmlns="DAV:"><prop><a>&e;</a></prop></propfind>',
        b'<!DOCTYPE propfind><propfind xmlns="DAV:"><allprop/></propfind>',
        b'<!DOCTYPE p SYSTEM "http://127.0.0.1:9/x"><propfind xmlns="DAV:"><allprop/></propfind>',
        b'<propfind xmlns="DAV:"><prop><a>&e;</a></prop></propfind>',
        b"\x00\xff",
    ],
)
def test_a3_a12_a_body_that_is_no_propfind_or_has_a_doctype_is_400(filled: Client, body: bytes) -> None:
    assert filled("PROPFIND", "/dav/my/", body, depth="0").status == 400


def test_a12_xml_nested_without_end_is_400(filled: Client) -> None:
    body = b'<propfind xmlns="DAV:"><prop>' + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</prop></propfind>"
    assert filled("PROPFIND", "/dav/my/", body, depth="0").status == 400


def test_comments_and_instructions_in_a_body_are_passed_over(filled: Client) -> None:
    body = b'<?x y?><propfind xmlns="DAV:"><!-- c --><prop><?x y?><!-- c --><getcontentlength/></prop></propfind>'
    assert filled("PROPFIND", "/dav/my/a.txt", body, depth="0").values() == {"getcontentlength": "3"}


@pytest.mark.parametrize("length", ["", None])
def test_a3_xml_over_the_limit_is_413_and_at_the_limit_is_read(
    office: Office, filled: Client, length: str | None
) -> None:
    limit = Limits().xml_bytes
    fits = asking("getetag") + b" " * (limit - len(asking("getetag")))
    assert filled("PROPFIND", "/dav/my/", fits, depth="0", length=length).status == 207
    answer = filled("PROPFIND", "/dav/my/", fits + b" ", depth="0", length=length)
    assert answer.status == 413
    assert str(limit) in answer.text


def test_a_cut_xml_body_is_400(filled: Client) -> None:
    assert filled("PROPFIND", "/dav/my/", asking("getetag"), depth="0", length="999").status == 400
