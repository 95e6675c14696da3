"""Every way Azukari says no.

Errors know facts; the edges know status codes. Each edge (WebDAV, web pages, API, command line) has one
table from these classes to its protocol, and the words for people come from `core.messages` by `message_id`.

    GatewayError
    ├── InvalidInput            what was sent cannot be understood or kept
    │   ├── InvalidName         a name that no folder can hold
    │   ├── IncompleteUpload    fewer or more bytes arrived than were announced
    │   ├── ChecksumMismatch    the bytes that arrived are not the bytes that were sent
    │   ├── TermsRefused        what is asked for is beyond what a rule allows
    │   │   ├── NotShareable    what is to be shared, with whom or how cannot be so
    │   │   ├── ContestRefused  a contest cannot be held, or voted in, so
    │   │   │   ├── ContestClosed   a contest is not at the stage for it, or there are too many
    │   │   │   └── PhotosRefused   some photos cannot take part in a contest
    │   │   └── PostRefused     what is to be posted on the bulletin board cannot be so
    │   └── CalendarRefused     what is to be kept in a calendar, or asked of it, cannot be so
    ├── NotFound                no such file, folder or record
    │   ├── CodeUnknown         no contract has this transfer code
    │   └── ParentMissing       the folder that should hold the new name is not there
    ├── Conflict                the present state does not allow it
    │   ├── AlreadyExists       the name is taken
    │   ├── NotAllowedHere      the operation makes no sense on this resource
    │   ├── TransferRefused     files cannot go to, or come from, another contract so
    │   ├── UploadOffsetWrong   an upload goes on from where it stands, and not from elsewhere
    │   ├── UploadBusy          another request is sending bytes of this upload
    │   └── ClockJumped         a job that deletes does not trust the clock
    ├── PreconditionFailed      the caller's condition (If, If-Match, Overwrite) does not hold
    │   └── NameTaken           a move or copy must not replace what has the name (Overwrite: F)
    ├── ResourceLocked          someone else's WebDAV lock stands in the way
    ├── QuotaExceeded           the contract has no room
    │   ├── LimitExceeded       the contract has, but this login or group may not take it
    │   └── TrayFull            a return tray takes no more
    ├── NotAuthenticated        it is not known who is calling
    │   └── DeviceRequired      the login is known, and its password alone opens nothing here
    ├── AccessDenied            it is known who is calling, and they may not
    ├── LockedOut               too many failed guesses; come back later
    ├── LinkClosed              a link that leads nowhere any more
    ├── FileInfected            the virus scanner does not let a file in
    ├── MailRefused             a mail that will never be taken
    ├── ToolFailed              the tool on a customer's PC cannot go on
    └── Unavailable             a part we depend on does not answer; nothing was changed
        ├── StoreUnavailable    the object store
        ├── MailUnavailable     the way out for mail
        ├── ScannerUnavailable  the virus scanner
        ├── DatabaseUnavailable the database
        └── StorageFull         the machine's disk, not the contract's plan
"""

from __future__ import annotations


class GatewayError(Exception):
    """Base of all errors Azukari raises on purpose; `message_id` names its text in the catalogue."""

    message_id = "error"

    def facts(self) -> dict[str, object]:
        """Return the values the message's text may mention; a `cause` is for the access log alone."""
        return {key: value for key, value in vars(self).items() if key not in ("message_id", "cause")}


class InvalidInput(GatewayError):
    """What was sent cannot be understood (DAV: 400)."""

    message_id = "input.invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InvalidName(InvalidInput):
    """The name cannot be kept: empty, too long, or with characters XML or a file system cannot hold (400)."""

    message_id = "name.invalid"


class IncompleteUpload(InvalidInput):
    """The body ended early or ran on; nothing was stored (400)."""

    message_id = "upload.incomplete"

    def __init__(self, *, expected_bytes: int | None, received_bytes: int) -> None:
        super().__init__(f"expected {expected_bytes} bytes, received {received_bytes}")
        self.expected_bytes = expected_bytes
        self.received_bytes = received_bytes


class ChecksumMismatch(InvalidInput):
    """The body's checksum is not the one announced; nothing was stored (400)."""

    message_id = "upload.checksum"

    def __init__(self, *, algorithm: str) -> None:
        super().__init__(f"{algorithm} of the body differs from the one announced")
        self.algorithm = algorithm


class TermsRefused(InvalidInput):
    """What was asked for is beyond what a rule allows; nothing was changed (400). `message_id` says why."""

    def __init__(self, message_id: str, **facts: object) -> None:
        super().__init__(message_id)
        self.message_id = message_id
        vars(self).update(facts)


class NotShareable(TermsRefused):
    """What is to be shared, with whom or how cannot be so; nothing was shared (400). `message_id` says why."""

    message_id = "share.refused"


class ContestRefused(TermsRefused):
    """A contest cannot be held or voted in so; nothing was changed (400, rule R27). `message_id` says why."""


class ContestClosed(ContestRefused):
    """A contest is not at the stage for this, or there are too many (409, rule R27). `message_id` says why."""


class PhotosRefused(ContestRefused):
    """Some photos cannot take part in a contest; `refused` are (file name, message id of the reason) of each (400)."""

    message_id = "contest.photos"

    def __init__(self, photos: tuple[tuple[str, str], ...]) -> None:
        super().__init__("contest.photos", photos=", ".join(name for name, _ in photos))
        self.refused = photos


class PostRefused(TermsRefused):
    """A topic or post cannot be kept so; nothing was changed (400, rule R28). `message_id` says why."""


class CalendarRefused(InvalidInput):
    """What is to be kept in a calendar, or asked of it, cannot be so; nothing was changed (CalDAV: 403).

    `condition` is the precondition of RFC 4791 or RFC 6578 that does not hold, `room` where a calendar is full.
    """

    message_id = "calendar.refused"

    def __init__(self, condition: str, reason: str = "") -> None:
        super().__init__(reason)
        self.message_id = f"calendar.refused.{condition}"
        self.condition = condition


class NotFound(GatewayError):
    """There is no such thing, or the caller may not know of it (404)."""

    message_id = "not.found"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class ParentMissing(NotFound):
    """The folder that should hold the new name does not exist (409, RFC 4918 §9.3.1)."""

    message_id = "parent.missing"


class CodeUnknown(NotFound):
    """No contract receives files under this transfer code (404, rule R26)."""

    message_id = "transfer.code_unknown"


class Conflict(GatewayError):
    """The present state does not allow it (409)."""

    message_id = "conflict"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AlreadyExists(Conflict):
    """The name is taken (MKCOL: 405, RFC 4918 §9.3.1)."""

    message_id = "already.exists"


class NotAllowedHere(Conflict):
    """The method makes no sense on this resource, such as PUT on a collection (405)."""

    message_id = "not.allowed.here"


class TransferRefused(Conflict):
    """A transfer between contracts cannot be sent, or was settled already (409, rule R26); `message_id` says why."""

    def __init__(self, message_id: str, **facts: object) -> None:
        super().__init__(message_id)
        self.message_id = message_id
        vars(self).update(facts)


class UploadOffsetWrong(Conflict):
    """An upload stands at another offset than the one to go on from, or another request goes on with it (409)."""

    message_id = "upload.offset"

    def __init__(self, *, offset_bytes: int) -> None:
        super().__init__(f"the upload stands at {offset_bytes}")
        self.offset_bytes = offset_bytes


class UploadBusy(Conflict):
    """Another request is sending bytes of this upload at the moment (423)."""

    message_id = "upload.busy"

    def __init__(self) -> None:
        super().__init__("another request goes on with the upload")


class ClockJumped(Conflict):
    """The clock is far from where the job last saw it; nothing was deleted until someone confirms the time (409)."""

    message_id = "clock.jumped"


class PreconditionFailed(GatewayError):
    """A condition of the request does not hold; nothing was changed (412)."""

    message_id = "precondition.failed"


class NameTaken(PreconditionFailed):
    """A move or copy was told not to replace anything, and the name is taken (412, RFC 4918 §10.6)."""

    message_id = "name.taken"


class ResourceLocked(GatewayError):
    """A WebDAV lock stands in the way (423, RFC 4918 §11.3)."""

    message_id = "locked"

    def __init__(self, *, path: str, owner_login: str) -> None:
        super().__init__(f"{path} is locked by {owner_login}")
        self.path = path
        self.owner_login = owner_login


class QuotaExceeded(GatewayError):
    """The write would take the contract over its capacity (507, RFC 4918 §11.5; rule R6)."""

    message_id = "quota.exceeded"

    def __init__(self, *, needed_bytes: int, free_bytes: int) -> None:
        super().__init__(f"needs {needed_bytes} bytes, {free_bytes} free")
        self.needed_bytes = needed_bytes
        self.free_bytes = free_bytes


class LimitExceeded(QuotaExceeded):
    """The write would take a login, or a group, over the limit set for it within its contract (507, rule R6)."""

    def __init__(self, owner: str, *, limit_bytes: int, needed_bytes: int, free_bytes: int) -> None:
        super().__init__(needed_bytes=needed_bytes, free_bytes=free_bytes)
        self.message_id = "quota.group_limit" if owner == "group" else "quota.login_limit"
        self.limit_bytes = limit_bytes


class TrayFull(QuotaExceeded):
    """A return tray, or its owner's contract, has no room for the file; by how much is no guest's business (507)."""

    message_id = "share.tray_full"

    def __init__(self) -> None:
        super().__init__(needed_bytes=0, free_bytes=0)


class NotAuthenticated(GatewayError):
    """The caller is not known, or the password is wrong; which of the two is never said (401, rule R19).

    `cause` is for the access log alone, and never part of an answer.
    """

    message_id = "not.authenticated"

    def __init__(self, cause: str = "password.wrong") -> None:
        super().__init__(cause)
        self.cause = cause


class DeviceRequired(NotAuthenticated):
    """On PRO a login password opens no online storage: a registered device does (401, rule R12)."""

    message_id = "device.required"

    def __init__(self) -> None:
        super().__init__("device.required")


class AccessDenied(GatewayError):
    """The caller is known and may not do this (403); `reason` is a message id that says what to do.

    `cause` is for the access log alone where it knows more than the answer may say.
    """

    message_id = "access.denied"

    def __init__(self, reason: str, *, cause: str = "") -> None:
        super().__init__(reason)
        self.message_id = reason
        self.cause = cause or reason


class LockedOut(GatewayError):
    """Too many guesses failed for this login or address (429 with Retry-After, rule R19)."""

    message_id = "locked.out"

    def __init__(self, *, retry_seconds: int) -> None:
        super().__init__(f"again in {retry_seconds} seconds")
        self.retry_seconds = retry_seconds


class LinkClosed(GatewayError):
    """A link led somewhere once, and no longer does (410); `reason` is a message id that says why."""

    message_id = "link.closed"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.message_id = reason


class FileInfected(GatewayError):
    """The virus scanner does not let a file in; nothing was stored (403)."""

    message_id = "share.infected"


class ToolFailed(GatewayError):
    """The tool on a customer's PC cannot go on (`azukari agent`: exit status 1); `message_id` says what to do."""

    def __init__(self, message_id: str, **facts: object) -> None:
        super().__init__(" ".join([message_id, *(f"{name}={value}" for name, value in facts.items())]))
        self.message_id = message_id
        vars(self).update(facts)


class Unavailable(GatewayError):
    """A part Azukari depends on does not answer; nothing was changed (503 with Retry-After)."""

    message_id = "unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StoreUnavailable(Unavailable):
    """The object store does not answer, or answered with an error of its own (503)."""

    message_id = "store.unavailable"


class MailUnavailable(Unavailable):
    """The way out for mail does not answer or is busy; the mail is tried again later (503)."""

    message_id = "mail.unavailable"


class ScannerUnavailable(Unavailable):
    """The virus scanner does not answer, so that no file is let in; nothing was stored (503)."""

    message_id = "scanner.unavailable"


class DatabaseUnavailable(Unavailable):
    """The database does not answer, or stayed busy too long (503)."""

    message_id = "database.unavailable"


class StorageFull(Unavailable):
    """The disk under the database or the object store is full (507)."""

    message_id = "storage.full"


class MailRefused(GatewayError):
    """A mail will never be taken, whatever is tried (SMTP 5xx)."""

    message_id = "mail.refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
