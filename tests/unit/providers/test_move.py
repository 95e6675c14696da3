"""MOVE, COPY and DELETE, and the Destination header."""

from __future__ import annotations

import pytest

from tests.unit.providers.conftest import HOST, Client, Office, asking, setting

A, B = "/dav/my/a.txt", "/dav/my/b.txt"
COLOUR = b'<propfind xmlns="DAV:"><prop><x:colour xmlns:x="urn:x"/></prop></propfind>'


@pytest.fixture
def two(hanako: Client) -> Client:
    """Return hanako's device with the files a and b."""
    hanako.put(A, b"aa")
    hanako.put(B, b"bbb")
    return hanako


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_a5_a_new_name_is_201_and_a_replaced_one_204(two: Client, method: str) -> None:
    assert two(method, A, destination="/dav/my/c.txt").status == 201
    assert two("GET", "/dav/my/c.txt").body == b"aa"
    assert two(method, "/dav/my/c.txt", destination=B).status == 204
    assert two("GET", B).body == b"aa"
    assert two("GET", A).status == (404 if method == "MOVE" else 200)


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_a5_overwrite_f_on_a_taken_name_is_412_and_changes_nothing(two: Client, method: str) -> None:
    answer = two(method, A, destination=B, overwrite="F")
    assert answer.status == 412
    assert "Choose another name" in answer.text
    assert (two("GET", A).body, two("GET", B).body) == (b"aa", b"bbb")
    assert two(method, A, destination="/dav/my/c.txt", overwrite="f").status == 201


def test_overwrite_is_t_or_f(two: Client) -> None:
    assert two("MOVE", A, destination=B, overwrite="x").status == 400


def test_o3_saving_as_a_temporary_name_and_moving_it_over_keeps_the_properties_of_the_name(two: Client) -> None:
    two("PROPPATCH", B, setting(colour="red"))
    two.put("/dav/my/~tmp", b"new")
    assert two("MOVE", "/dav/my/~tmp", destination=B).status == 204
    assert two("GET", B).body == b"new"
    assert two("PROPFIND", B, COLOUR, depth="0").properties()["{urn:x}colour"].text == "red"


def test_properties_go_with_a_move_and_a_copy(two: Client) -> None:
    two("PROPPATCH", A, setting(colour="red"))
    two("COPY", A, destination="/dav/my/c.txt")
    two("MOVE", A, destination="/dav/my/d.txt")
    for path in ("/dav/my/c.txt", "/dav/my/d.txt"):
        assert two("PROPFIND", path, COLOUR, depth="0").properties()["{urn:x}colour"].text == "red"


@pytest.mark.parametrize(
    "address",
    [
        "https://{host}/dav/my/c.txt",
        "http://{host}/dav/my/c.txt",
        "https://{host}:443/dav/my/c.txt",
        "http://{host}:80/dav/my/c.txt",
        "HTTPS://{upper}/dav/my/c.txt",
        "https://{host}./dav/my/c.txt",
        "https://hanako:secret@{host}/dav/my/c.txt",
        "https://{host}/dav/my/%63%2Etxt",
        "https://{host}//dav//my/c.txt",
        "/dav/my/c.txt",
        " /dav/my/c.txt ",
    ],
)
def test_a4_a11_a_destination_is_taken_as_the_client_sees_this_server(two: Client, address: str) -> None:
    assert two("MOVE", A, destination=address.format(host=HOST, upper=HOST.upper())).status == 201
    assert two("GET", "/dav/my/c.txt").body == b"aa"


def test_a4_a_public_host_of_the_configuration_is_ours_too(office: Office, two: Client) -> None:
    address = "https://files.example.jp:8443/dav/my/c.txt"
    assert two("MOVE", A, destination=address).status == 502
    known = office.client("hanako", hosts=frozenset({"files.example.jp:8443"}))
    assert known("MOVE", A, destination=address).status == 201


@pytest.mark.parametrize(
    "address",
    ["https://other.example.jp/dav/my/c.txt", f"https://{HOST}:8443/dav/my/c.txt", f"https://{HOST}.evil/dav/my/c.txt"],
)
@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_a4_another_host_is_502(two: Client, method: str, address: str) -> None:
    answer = two(method, A, destination=address)
    assert answer.status == 502
    assert "upload them there" in answer.text
    assert two("GET", A).status == 200


def test_a6_a4_an_encoded_japanese_destination_is_stored_in_nfc(two: Client) -> None:
    assert two("MOVE", A, destination="/dav/my/%E3%81%8B%E3%82%99.txt").status == 201
    assert two("GET", "/dav/my/が.txt").body == b"aa"


def test_a_destination_in_bare_utf8_is_understood(two: Client) -> None:
    assert two("MOVE", A, destination="/dav/my/が.txt".encode().decode("latin-1")).status == 201
    assert two("GET", "/dav/my/が.txt").body == b"aa"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "c.txt",
        "ftp://x/dav/my/c.txt",
        f"https://{HOST}",
        f"https://{HOST}:x/dav/my/c.txt",
        "https://[::1/dav/my/c.txt",
        "/dav/my/c.txt?x",
        "/dav/my/c.txt#x",
        "/dav/my/a%2Fb",
        "/dav/my/%zz",
        "/dav/my/%",
        "/dav/my/%ff",
        "/dav/my/%00",
        "/dav/my/%01",
        "/dav/my/../../etc",
        "/dav/my/%2e%2e/x",
        "/dav/my/" + "n" * 256,
        "/dav/my" + "/d" * 64,
    ],
)
def test_a12_a_bad_destination_is_400_and_changes_nothing(two: Client, address: str) -> None:
    assert two("MOVE", A, destination=address).status == 400
    assert two("COPY", A, destination=address).status == 400
    assert two("PROPFIND", "/dav/my/", depth="1").hrefs() == ["/dav/my/", A, B]


def test_a_move_without_destination_is_400(two: Client) -> None:
    assert two("MOVE", A).status == 400


@pytest.mark.parametrize("address", ["/", "/dav", "/dav/", "/files/x", "/dav/group", "/dav/group/"])
def test_nothing_is_moved_onto_what_stands_always(two: Client, address: str) -> None:
    assert two("MOVE", A, destination=address).status == 403
    assert two("COPY", A, destination=address).status == 403


@pytest.mark.parametrize("path", ["/", "/dav/", "/dav/my", "/dav/my/"])
def test_a12_a_root_is_neither_moved_nor_deleted(two: Client, path: str) -> None:
    assert two("MOVE", path, destination="/dav/my/c").status == 403
    assert two("DELETE", path).status == 403
    assert two("GET", A).status == 200


def test_a_file_is_not_moved_onto_the_folder_it_lies_in(two: Client) -> None:
    assert two("MOVE", A, destination="/dav/my/").status == 409
    assert two("GET", A).status == 200


def test_an_unknown_folder_is_404_as_source_and_as_destination(two: Client) -> None:
    assert two("MOVE", "/dav/none/a", destination=B).status == 404
    assert two("MOVE", A, destination="/dav/none/a").status == 404


def test_a_missing_source_is_404_and_a_missing_parent_of_the_target_409(two: Client) -> None:
    assert two("MOVE", "/dav/my/none", destination=B).status == 404
    assert two("MOVE", A, destination="/dav/my/none/a").status == 409
    assert two("MOVE", A, destination=B + "/a").status == 409


def test_onto_itself_is_403_and_into_itself_409(two: Client) -> None:
    two.mkcol("/dav/my/d", "/dav/my/d/e")
    assert two("MOVE", A, destination=A).status == 403
    assert two("COPY", "/dav/my/d", destination="/dav/my/d/").status == 403
    assert two("MOVE", "/dav/my/d", destination="/dav/my/d/e/f").status == 409
    assert two("COPY", "/dav/my/d/e", destination="/dav/my/d").status == 409


def test_a_move_between_two_folders_is_one_step(office: Office, two: Client, taro: Client) -> None:
    office.store.requests.clear()
    assert two("MOVE", A, destination="/dav/group/a.txt").status == 201
    assert taro("GET", "/dav/group/a.txt").body == b"aa"
    assert two("COPY", "/dav/group/a.txt", destination="/dav/my/c.txt").status == 201
    assert office.store.requests == {"read": 1}


def test_names_cost_no_store_request(office: Office, two: Client) -> None:
    two.mkcol("/dav/my/d")
    two.put("/dav/my/d/a.txt", b"x")
    office.store.requests.clear()
    two("COPY", "/dav/my/d", destination="/dav/my/e")
    two("MOVE", "/dav/my/d", destination="/dav/my/f")
    two("DELETE", "/dav/my/e")
    assert office.store.requests == {}


def test_a11_copy_with_depth_0_copies_the_folder_without_members(two: Client) -> None:
    two.mkcol("/dav/my/d")
    two.put("/dav/my/d/a.txt")
    two("PROPPATCH", "/dav/my/d", setting(colour="red"))
    assert two("COPY", "/dav/my/d", destination="/dav/my/e", depth="0").status == 201
    assert two("PROPFIND", "/dav/my/e", depth="1").hrefs() == ["/dav/my/e/"]
    assert two("PROPFIND", "/dav/my/e", COLOUR, depth="0").properties()["{urn:x}colour"].text == "red"
    assert two("COPY", "/dav/my/d", destination="/dav/my/f").status == 201
    assert two("PROPFIND", "/dav/my/f", depth="1").hrefs() == ["/dav/my/f/", "/dav/my/f/a.txt"]


@pytest.mark.parametrize("method", ["MOVE", "COPY", "DELETE"])
def test_depth_1_is_400(two: Client, method: str) -> None:
    two.mkcol("/dav/my/d")
    assert two(method, "/dav/my/d", destination="/dav/my/e", depth="1").status == 400
    assert two("HEAD", "/dav/my/d").status == 200


@pytest.mark.parametrize("method", ["MOVE", "DELETE"])
def test_depth_0_is_taken_for_a_file_and_refused_for_a_collection(two: Client, method: str) -> None:
    two.mkcol("/dav/my/d")
    assert two(method, "/dav/my/d", destination="/dav/my/e", depth="0").status == 400
    assert two("HEAD", "/dav/my/d").status == 200
    assert two(method, A, destination="/dav/my/c.txt", depth="0").status < 300
    assert two("HEAD", A).status == 404


def test_a_replaced_collection_is_gone_as_a_whole(two: Client) -> None:
    two.mkcol("/dav/my/d", "/dav/my/e")
    two.put("/dav/my/e/old.txt")
    assert two("MOVE", "/dav/my/d", destination="/dav/my/e").status == 204
    assert two("PROPFIND", "/dav/my/e", depth="1").hrefs() == ["/dav/my/e/"]
    assert two("MOVE", A, destination="/dav/my/e").status == 204
    assert two("GET", "/dav/my/e").body == b"aa"


def test_delete_is_204_and_then_404(office: Office, two: Client) -> None:
    two.mkcol("/dav/my/d")
    two.put("/dav/my/d/a.txt", b"12345")
    assert two("DELETE", "/dav/my/d/").status == 204
    assert two("DELETE", "/dav/my/d").status == 404
    assert two("GET", "/dav/my/d/a.txt").status == 404
    assert office.firm.used_bytes() == 5
    used = two("PROPFIND", "/dav/my/", asking("quota-used-bytes"), depth="0").values()
    assert used == {"quota-used-bytes": "5"}


def test_r6_a_copy_beyond_the_capacity_is_507_and_a_move_is_not(office: Office, two: Client) -> None:
    office.firm.capacity_bytes = 6
    assert two("COPY", A, destination="/dav/my/c.txt").status == 507
    assert two("MOVE", A, destination="/dav/my/c.txt").status == 201
