"""What a client of the chaos run does, and what it may find afterwards.

A tree maps paths to the SHA-256 of their content; the path of a collection ends in a slash and maps to "".
"""

import hashlib
import random
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import httpx

from tests.product import Drive

Tree = dict[str, str]

FILES = ("f0", "f1", "f2", "f3")
COLLECTIONS = ("d0/", "d1/")
#: What an empty file's content hashes to; it has no object.
EMPTY = hashlib.sha256(b"").hexdigest()
SMALL_BYTES = 64 * 1024
#: Uploads from here on go to the store in parts.
PARTS_BYTES = 8 * 1024 * 1024 + 1
LARGE_BYTES = 14 * 1024 * 1024
ANSWER_SECONDS = 60.0


class Broken(AssertionError):
    """A promise was not kept."""


@dataclass(frozen=True)
class Operation:
    """One request and the tree that stands once it is acknowledged."""

    method: str
    path: str
    after: Tree
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def without(tree: Tree, path: str) -> Tree:
    """Return the tree with a file, or a collection and all below it, gone."""
    return {one: digest for one, digest in tree.items() if one != path and not (is_collection(path, one))}


def is_collection(path: str, member: str) -> bool:
    """Tell whether the path is a collection with this member."""
    return path.endswith("/") and member.startswith(path)


def copied(tree: Tree, source: str, target: str) -> Tree:
    """Return the tree after COPY with Overwrite: T."""
    taken = {target + one[len(source) :]: digest for one, digest in tree.items() if one.startswith(source)}
    return {**without(tree, target), **(taken if source.endswith("/") else {target: tree[source]})}


def choose(rng: random.Random, tree: Tree, root: str) -> Operation:
    """Return the next operation that must succeed on this tree."""
    kind = rng.choices(("PUT", "LARGE", "MKCOL", "DELETE", "MOVE", "COPY"), (40, 20, 8, 8, 12, 12))[0]
    missing = [one for one in COLLECTIONS if one not in tree]
    if kind == "MKCOL" and missing:
        path = rng.choice(missing)
        return Operation("MKCOL", path, {**tree, path: ""})
    if kind == "DELETE" and tree:
        path = rng.choice(sorted(tree))
        return Operation("DELETE", path, without(tree, path))
    if kind in ("MOVE", "COPY") and tree:
        source = rng.choice(sorted(tree))
        targets = (
            COLLECTIONS if source.endswith("/") else [one + name for one in ("", *folders(tree)) for name in FILES]
        )
        target = rng.choice([one for one in targets if one != source])
        after = copied(tree, source, target)
        return Operation(
            kind, source, without(after, source) if kind == "MOVE" else after, {"Destination": root + target}
        )
    sizes = (PARTS_BYTES, LARGE_BYTES) if kind == "LARGE" else (0, SMALL_BYTES)
    body = rng.randbytes(rng.randint(*sizes))
    path = rng.choice(["", *folders(tree)]) + rng.choice(FILES)
    return Operation("PUT", path, {**tree, path: hashlib.sha256(body).hexdigest()}, body=body)


def folders(tree: Tree) -> list[str]:
    """Return the collections of a tree."""
    return sorted(one for one in tree if one.endswith("/"))


@dataclass
class Tally:
    """What the clients did."""

    acknowledged: int = 0
    in_doubt: int = 0
    in_doubt_done: int = 0
    stored_bytes: int = 0


class Client:
    """One client at work in a collection of its own, so that it knows at any time what must stand there."""

    def __init__(self, seed: str, name: str) -> None:
        self._rng = random.Random(f"{seed} {name}")
        self._name = name
        self.tree: Tree = {}
        self.tally = Tally()
        self._doubt: Operation | None = None
        self._sizes: dict[str, int] = {EMPTY: 0}

    @property
    def used_bytes(self) -> int:
        """Return what the files of the client hold."""
        return sum(self._sizes[digest] for digest in self.tree.values() if digest)

    def begin(self, drive: Drive) -> None:
        """Make the client's collection."""
        with self._http(drive) as http:
            if http.request("MKCOL", self._root(drive)).status_code != 201:
                raise Broken("MKCOL")

    def work(self, drive: Drive, stop: threading.Event) -> None:
        """Change things until told to stop or until an operation is not acknowledged."""
        root = self._root(drive)
        with self._http(drive) as http:
            while not stop.is_set():
                operation = choose(self._rng, self.tree, root)
                self._sizes[hashlib.sha256(operation.body).hexdigest()] = len(operation.body)
                if not self._acknowledged(http, root, operation):
                    self._doubt = operation
                    self.tally.in_doubt += 1
                    return
                self.tree = operation.after
                self.tally.acknowledged += 1
                self.tally.stored_bytes += len(operation.body)

    def _acknowledged(self, http: httpx.Client, root: str, operation: Operation) -> bool:
        try:
            said = http.request(
                operation.method, root + operation.path, headers=operation.headers, content=operation.body
            )
        except httpx.TimeoutException as error:
            raise Broken(f"no answer to {operation.method} for {ANSWER_SECONDS} s") from error
        except httpx.TransportError:
            return False
        if said.status_code in (500, 503):
            return False
        if said.status_code not in (201, 204):
            raise Broken(f"{operation.method} {operation.path}: {said.status_code} {said.text}")
        return True

    def check(self, drive: Drive) -> None:
        """Hold that everything acknowledged stands byte for byte, and what was in doubt wholly or not at all."""
        found = self.look(drive)
        if found == self.tree:
            self._doubt = None
            return
        if self._doubt is None or found != self._doubt.after:
            allowed = [self.tree] + ([self._doubt.after] if self._doubt else [])
            raise Broken(
                f"{self._name} holds {found}\nallowed was one of {allowed}\nafter {self._doubt and self._doubt.method}"
            )
        self.tree, self._doubt = self._doubt.after, None
        self.tally.in_doubt_done += 1

    def look(self, drive: Drive) -> Tree:
        """Return what stands in the client's collection, every file read whole."""
        root = self._root(drive)
        found: Tree = {}
        with self._http(drive) as http:
            waiting = [""]
            while waiting:
                for path in _members(http, root, waiting.pop()):
                    if path.endswith("/"):
                        waiting.append(path)
                        found[path] = ""
                    else:
                        found[path] = _digest(http, root + path)
        return found

    def _root(self, drive: Drive) -> str:
        return f"{drive.url}{self._name}/"

    @staticmethod
    def _http(drive: Drive) -> httpx.Client:
        return httpx.Client(auth=(drive.login, drive.password), timeout=ANSWER_SECONDS)


def _members(http: httpx.Client, root: str, collection: str) -> list[str]:
    said = http.request("PROPFIND", root + collection, headers={"Depth": "1"})
    if said.status_code != 207:
        raise Broken(f"PROPFIND: {said.status_code} {said.text}")
    base = urlsplit(root).path
    hrefs = [unquote(part.partition("</")[0]) for part in said.text.split("href>")[1::2]]
    return [href.removeprefix(base) for href in hrefs if href != base + collection]


def _digest(http: httpx.Client, url: str) -> str:
    """Return what a file hashes to; an object store that has just come back may need a moment yet."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while (said := http.get(url)).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
    if said.status_code != 200:
        raise Broken(f"GET: {said.status_code} {said.text}")
    return hashlib.sha256(said.content).hexdigest()
