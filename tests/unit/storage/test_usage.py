"""Usage broken down by folder: R7, R22."""

from __future__ import annotations

from storage.files import delete
from storage.usage import FolderUsage, by_folder
from tests.unit.world import Firm, at, open_folder


def test_r7_the_folders_add_up_to_what_the_contract_uses(firm: Firm) -> None:
    other = open_folder(firm, 2)
    firm.mkcol("deep")
    firm.put("deep/a", b"x" * 5)
    firm.put("b", b"x" * 7, grant=other)
    firm.put("c", b"x" * 3)
    delete(firm.fs, firm.grant, at("c"))
    with firm.fs.database.reading() as tx:
        found = by_folder(tx, firm.contract_id)
    assert found == [FolderUsage("my/2", 7), FolderUsage("my/1", 5)]
    assert sum(one.used_bytes for one in found) == firm.used_bytes()
