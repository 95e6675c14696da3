"""The operator's service: plans and prices, statements of all contracts, health, jobs, mails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from heapq import nlargest
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.machine import JobState
from admin_web.words import language, size, t
from auth import accesslog
from auth.callers import Role
from core import messages
from core.errors import GatewayError, NotFound
from db.tables import SERVICE_CONTRACT_ID
from quota import statement_pages, statements
from quota.months import BillingMonth
from sharing import outbox

blueprint = Blueprint("service", __name__, url_prefix="/operator")

#: Mail is late where it was due so long ago and nothing came of it.
_MAIL_PATIENCE = timedelta(minutes=10)
#: A mail that was given up is told of for so long.
_FAILURES_REMEMBERED = timedelta(days=7)
MAILS_SHOWN = 200
_MAIL_NAME = re.compile(r"[0-9a-f]{32}")


@blueprint.get("/plans")
@for_roles(Role.OPERATOR)
def plans() -> ResponseReturnValue:
    """Show the catalogue: prices, capacities, bonuses, and changes to come."""
    found = parts().catalogue
    return render_template(
        "staff/plans.html",
        plans=list(found.plans.values()),
        services=found.services(),
        month=BillingMonth.of(parts().clock()),
        is_shipped=not parts().config.plans,
    )


@blueprint.get("/statements")
@for_roles(Role.OPERATOR)
def statement_list() -> ResponseReturnValue:
    """Show the frozen statements of a month, and the form that closes it."""
    return _statements()


def _statements(*, refusal: GatewayError | None = None) -> ResponseReturnValue:
    now = parts().clock()
    last = BillingMonth.of(now).previous()
    given = request.values.get("month", "")
    try:
        month = BillingMonth.parse(given) if given else last
    except GatewayError as error:
        month, refusal = last, error
    with parts().database.reading() as tx:
        found = statements.frozen_in(tx, month)
    page = render_template(
        "staff/statements.html",
        month=month,
        statements=found,
        total_yen=sum(one.fee_yen for one in found),
        is_over=month.end() <= now,
        reason=lambda one: statement_pages.reason_of(one, language()),
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(page, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/statements")
@for_roles(Role.OPERATOR)
def close() -> ResponseReturnValue:
    """Freeze the statements of a month that is over; what is frozen stays."""
    now, by = parts().clock(), caller().login_id
    done = None
    try:
        month = BillingMonth.parse(request.form.get("month", ""))
        for done in statements.close(parts().database, parts().catalogue, month, now=now):  # noqa: B007 - the last counts
            pass
    except GatewayError as error:
        return _statements(refusal=error)
    closed = done.closed if done else 0
    parts().database.write(
        lambda tx: accesslog.record(tx, SERVICE_CONTRACT_ID, by, "month.close", f"{month}: {closed}", now=now)
    )
    flash(t("web.service.closed", month=month, count=closed), "done")
    return redirect(url_for("service.statement_list", month=month), HTTPStatus.SEE_OTHER)


@blueprint.get("/statements/<month>.csv")
@for_roles(Role.OPERATOR)
def statements_csv(month: str) -> ResponseReturnValue:
    """Return a month's frozen statements as CSV; spreadsheets want the byte order mark."""
    with parts().database.reading() as tx:
        found = statements.frozen_in(tx, BillingMonth.parse(month))
    headers = {"Content-Disposition": f"attachment; filename=azukari-statements-{month}.csv"}
    return Response("\ufeff" + statement_pages.as_csv(found, language()), mimetype="text/csv", headers=headers)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the service, whether it is well, and what it says of itself."""

    name: str
    is_well: bool
    words: str


@blueprint.get("/health")
@for_roles(Role.OPERATOR)
def health() -> ResponseReturnValue:
    """Show how every part is, those that need someone first."""
    return render_template("staff/health.html", parts_=sorted(every_part(), key=lambda one: one.is_well))


def every_part() -> list[Part]:
    """Return how every part is."""
    return [_database(), _object_store(), _mail(), _jobs(), _disk()]


def _database() -> Part:
    kind = "SQLite" if parts().database.is_sqlite else "PostgreSQL"
    return Part("database", True, t("web.health.answers", what=kind))  # whoever reads this was found in it


def _object_store() -> Part:
    try:
        parts().files.objects.check()
    except GatewayError as error:
        return Part("object_store", False, explain(error))
    return Part("object_store", True, t("web.health.answers", what="S3"))


def _mail() -> Part:
    with parts().database.reading() as tx:
        found = outbox.queue(tx, now=parts().clock(), patience=_MAIL_PATIENCE, remembered=_FAILURES_REMEMBERED)
    words = t("web.health.mail", queued=found.queued, overdue=found.overdue, failed=found.failed)
    return Part("mail", not found.overdue and not found.failed, words)


def _jobs() -> Part:
    troubled = [one.name for one in parts().machine.jobs() if one.is_late or one.has_failed]
    if troubled:
        return Part("jobs", False, t("web.health.jobs_late", names=", ".join(troubled)))
    return Part("jobs", True, t("web.health.jobs_well"))


def _disk() -> Part:
    disk = parts().machine.disk()
    if disk is None:
        return Part("disk", True, t("web.health.disk_elsewhere"))
    words = t("web.health.disk", free=size(disk.free_bytes), total=size(disk.total_bytes))
    return Part("disk", not disk.is_low, words)


@blueprint.get("/jobs")
@for_roles(Role.OPERATOR)
def jobs() -> ResponseReturnValue:
    """Show each job with its last run."""
    return render_template("staff/jobs.html", jobs=parts().machine.jobs(), words=_job_words)


def _job_words(one: JobState) -> str:
    message_id = f"web.job.{one.name}"
    return t(message_id) if messages.knows(message_id) else ""


@blueprint.get("/mails/")
@for_roles(Role.OPERATOR)
def mail_list() -> ResponseReturnValue:
    """Show the latest mails of the folder in which they are kept where no mail server is configured."""
    folder = parts().machine.mail_folder()
    names = nlargest(MAILS_SHOWN, _mails(folder)) if folder else []
    found = [(path.stem, _read(path)) for _, path in names]
    return render_template("staff/mails.html", mails=found, folder=folder, most=MAILS_SHOWN)


def _mails(folder: Path) -> list[tuple[float, Path]]:
    return [(path.stat().st_mtime, path) for path in folder.glob("*.eml") if _MAIL_NAME.fullmatch(path.stem)]


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


@blueprint.get("/mails/<name>")
@for_roles(Role.OPERATOR)
def mail(name: str) -> ResponseReturnValue:
    """Show one mail."""
    folder = parts().machine.mail_folder()
    if folder is None or not _MAIL_NAME.fullmatch(name) or not (path := folder / f"{name}.eml").is_file():
        raise NotFound(f"mail {name}")
    found = _read(path)
    body = found.get_body(("plain",))
    return render_template("staff/mail.html", mail=found, body=body.get_content() if body else "")
