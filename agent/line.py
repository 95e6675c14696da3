"""Proving the line: codes from the line's secret open a session, whose token goes with every request (R17)."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp

from agent.answers import refusal
from agent.home import Registration
from agent.upstream import Gateway, Target
from core import messages
from core.clock import parse_instant
from core.errors import ToolFailed

#: RFC 6238 §5.2.
STEP_SECONDS = 30
#: A session is renewed this long before it ends, so that nothing under way notices.
_BEFORE_END = timedelta(minutes=5)
#: All PCs of a line have its secret, and a code is good once. Where another one was quicker, the codes of the next
#: and the last step are good too; where those are used as well, it is waited for one of the next.
_STEPS_OFF = (0, 1, -1)
_STEPS_TO_WAIT = 3
_TRIES = 4


def checked_secret(text: str) -> str:
    """Return a line's secret without the spaces people type. Raises ToolFailed for what no code can be made from."""
    secret = "".join(text.split()).upper()
    try:
        pyotp.TOTP(secret).at(0)
    except ValueError:
        secret = ""
    if not secret:
        raise ToolFailed("agent.bad_line")
    return secret


def seconds_to_code(now: datetime, steps: int) -> float:
    """Return the seconds from now to the beginning of the code that is `steps` after the present one."""
    step = int(now.timestamp() // STEP_SECONDS)
    return (step + steps) * STEP_SECONDS - now.timestamp()


class LineKeeper:
    """Holds a line session and renews it in a thread of its own."""

    def __init__(
        self,
        gateway: Gateway,
        registration: Registration,
        language: str,
        *,
        on_change: Callable[[str], None],
    ) -> None:
        self._gateway = gateway
        self._line_id = registration.line_id
        self._totp = pyotp.TOTP(registration.secrets.line_secret, interval=STEP_SECONDS)
        self._language = language
        self._on_change = on_change
        self._said = ""
        self._token = ""
        self._renew_at: datetime | None = None
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        gateway.line_token = lambda: self._token

    def start(self) -> None:
        """Prove the line from now on, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End; the session ends by itself."""
        self._stopped.set()
        self._wake.set()
        self._thread.join()

    def check(self) -> None:
        """Prove the line anew: the gateway refused what it should open, since the PC's address may have changed."""
        self._renew_at = None
        self._wake.set()

    def prove(self) -> None:
        """Open a session, waiting for a fresh code where this one was used. Raises ToolFailed."""
        for attempt in range(1, _TRIES + 1):
            try:
                self._open()
                return
            except ToolFailed as error:
                if attempt == _TRIES or error.facts().get("status") != 403:
                    raise
            if self._stopped.wait(self._until_another_code()):
                return

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            try:
                if self._renew_at is None or self._gateway.now() >= self._renew_at:
                    self._open()
            except ToolFailed as error:
                self._say(messages.explain(error, self._language))
                self._stopped.wait(self._until_another_code())
                continue
            assert self._renew_at is not None
            self._wake.wait(max(1.0, (self._renew_at - self._gateway.now()).total_seconds()))

    def _open(self) -> None:
        for number, steps in enumerate(_STEPS_OFF, 1):
            code = self._totp.at(self._gateway.now(), counter_offset=steps)
            answer, body = self._gateway.ask_json(
                Target("POST", "/api/v1/line-sessions"), {"line_id": self._line_id, "code": code}, self._language
            )
            if answer.status == 201:
                break
            if answer.status != 403 or number == len(_STEPS_OFF):
                raise refusal(answer, body, self._language)
        opened = json.loads(body)
        self._token = opened["token"]
        ends_at = parse_instant(opened["expires_at"])
        self._renew_at = max(ends_at - _BEFORE_END, self._gateway.now() + timedelta(seconds=STEP_SECONDS))
        self._say(messages.text("agent.says.line_proved", self._language, line=self._line_id))

    def _until_another_code(self) -> float:
        return seconds_to_code(self._gateway.now(), 1 + secrets.randbelow(_STEPS_TO_WAIT))

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self._on_change(words)
