"""config.yaml: read once at start, checked whole, every error naming key, value, file and reason."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator


class ConfigError(Exception):
    """The configuration cannot be used; the text names each key, its value, the file and the reason."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerConfig(_Section):
    """Where and how requests are served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    kind: Literal["cheroot", "granian"] = "cheroot"
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    threads: Annotated[int, Field(ge=4, le=2048)] = 512
    certificate: Path | None = None
    private_key: Path | None = None
    public_hosts: tuple[str, ...] = ()
    basic_over_http: bool = False
    trusted_proxies: tuple[str, ...] = ()
    proxy_protocol_from: tuple[str, ...] = ()

    @field_validator("trusted_proxies", "proxy_protocol_from")
    @classmethod
    def _networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            ipaddress.ip_network(one)  # its ValueError says what is wrong
        return given

    @model_validator(mode="after")
    def _key_and_certificate(self) -> ServerConfig:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key belong together: give both or neither")
        return self

    @model_validator(mode="after")
    def _server_that_knows_proxies(self) -> ServerConfig:
        if self.proxy_protocol_from and self.kind != "cheroot":
            raise ValueError(
                f"proxy_protocol_from: {self.kind} does not understand the PROXY protocol; set kind to cheroot, "
                "or let the proxy send X-Forwarded-For and name it in trusted_proxies"
            )
        return self


class DatabaseConfig(_Section):
    """Where the rows are."""

    url: str | None = None


class ObjectStoreConfig(_Section):
    """Where the bytes are: an S3 service, or the embedded SeaweedFS where no endpoint is given."""

    endpoint: str | None = None
    bucket: str = "azukari"
    access_key: str = ""
    secret_key: str = ""
    region: str = "us-east-1"
    prefix: str = "azukari"
    cache_bytes: Annotated[int, Field(ge=0)] = 16 * 1024 * 1024

    @model_validator(mode="after")
    def _complete(self) -> ObjectStoreConfig:
        if self.endpoint is not None and not (self.access_key and self.secret_key):
            raise ValueError("an endpoint needs access_key and secret_key")
        return self


class WebDavConfig(_Section):
    """Bounds and habits of the network drive."""

    propfind_entries: Annotated[int, Field(ge=1)] = 10_000
    xml_bytes: Annotated[int, Field(ge=1024)] = 1024 * 1024
    hide_quota_from: tuple[str, ...] = ()


class DevicesConfig(_Section):
    """Device keys."""

    key_valid_days: Annotated[int, Field(ge=1, le=3650)] = 30
    certificate_valid_days: Annotated[int, Field(ge=1, le=3650)] = 730


class LinesConfig(_Section):
    """What proves a contract's line beside the line tool (R17)."""

    verifiers: tuple[Literal["network", "edge"], ...] = ("network",)
    edge_keys: dict[str, str] = {}
    edge_max_age_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    session_hours: Annotated[int, Field(ge=1, le=24)] = 8

    @model_validator(mode="after")
    def _edge_has_keys(self) -> LinesConfig:
        if "edge" in self.verifiers and not self.edge_keys:
            raise ValueError("the verifier edge needs edge_keys")
        return self


class LockoutConfig(_Section):
    """How much guessing of passwords is borne (R19)."""

    login_attempts: Annotated[int, Field(ge=1)] = 5
    address_attempts: Annotated[int, Field(ge=1)] = 30
    first_delay_seconds: Annotated[int, Field(ge=1)] = 30
    longest_delay_seconds: Annotated[int, Field(ge=1)] = 3600
    forget_hours: Annotated[int, Field(ge=1)] = 24


class SessionsConfig(_Section):
    """Web sessions."""

    idle_minutes: Annotated[int, Field(ge=1)] = 30
    longest_hours: Annotated[int, Field(ge=1)] = 12


class SecretFolderConfig(_Section):
    """Secret Folders (R18)."""

    idle_minutes: Annotated[int, Field(ge=1)] = 15


class AccessLogConfig(_Section):
    """The access log (R21)."""

    keep_days: Annotated[int, Field(ge=1)] = 400


class JobsConfig(_Section):
    """Work in the background."""

    reclaim_every_seconds: Annotated[int, Field(ge=1)] = 60
    reclaim_delay_seconds: Annotated[int, Field(ge=0)] = 300
    # An upload may commit up to 48 hours after it began (storage.uploads); younger objects are none of its orphans.
    orphan_age_hours: Annotated[int, Field(ge=49)] = 72


class MailConfig(_Section):
    """How mail leaves: through an SMTP server, or into a folder where none is named."""

    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: str = Field(default="", repr=False)
    sender: Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$")] = "azukari@localhost"
    folder: Path | None = None
    bounces: Path | None = None


class SharingConfig(_Section):
    """Shares by mail: the virus scanner before return trays, and how long receipts are kept."""

    scan_command: tuple[str, ...] = ()
    scan_icap: Annotated[str, Field(pattern=r"^icap://[^/\s]+(/\S*)?$")] | None = None
    scan_timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 60
    keep_days: Annotated[int, Field(ge=1)] = 400

    @model_validator(mode="after")
    def _one_scanner(self) -> SharingConfig:
        if self.scan_command and self.scan_icap:
            raise ValueError("scan_command and scan_icap are two ways to scan: give one of them")
        return self


class RetentionConfig(_Section):
    """Deleting what is over capacity when its time has come (R4, R9)."""

    remind_days_before: tuple[Annotated[int, Field(ge=1, le=60)], ...] = (30, 7, 1)
    max_clock_step_days: Annotated[int, Field(ge=1)] = 7


class TransfersConfig(_Section):
    """Files from one contract to another (R26)."""

    valid_days: Annotated[int, Field(ge=1, le=30)] = 7


class BonusesConfig(_Section):
    """The feed of who holds which other service (R5)."""

    feed: Path | None = None
    max_removed_percent: Annotated[int, Field(ge=0, le=100)] = 50


class LoggingConfig(_Section):
    """The log stream on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


#: A plan's or a service's code, as people type it.
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
_Yen = Annotated[int, Field(ge=0)]
_Gigabytes = Annotated[int, Field(ge=1)]
_BonusGigabytes = dict[Code, Annotated[int, Field(ge=0)]]


class PlanChangeConfig(_Section):
    """New terms of a plan from the start of a month on; what is not named stays as it was."""

    since: Annotated[str, Field(pattern=r"^(19[789]\d|[2-8]\d{3})-(0[1-9]|1[0-2])$")]
    price_yen: _Yen | None = None
    capacity_gb: _Gigabytes | None = None
    bonus_gb: _BonusGigabytes | None = None


class PlanConfig(_Section):
    """One plan; 1 GB is 2^30 bytes (R1). `bonus_gb`: extra capacity by other service held (R5)."""

    price_yen: _Yen
    capacity_gb: _Gigabytes
    pro: bool = False
    on_sale: bool = True
    bonus_gb: _BonusGigabytes = {}
    changes: tuple[PlanChangeConfig, ...] = ()

    @model_validator(mode="after")
    def _changes_in_order(self) -> PlanConfig:
        months = [change.since for change in self.changes]
        if months != sorted(set(months)):
            raise ValueError("changes have to stand in the order of their months, each month once")
        return self


class Config(_Section):
    """The whole configuration; every key has a default that works on one machine."""

    server: ServerConfig = ServerConfig()
    database: DatabaseConfig = DatabaseConfig()
    object_store: ObjectStoreConfig = ObjectStoreConfig()
    webdav: WebDavConfig = WebDavConfig()
    devices: DevicesConfig = DevicesConfig()
    lines: LinesConfig = LinesConfig()
    lockout: LockoutConfig = LockoutConfig()
    sessions: SessionsConfig = SessionsConfig()
    secret_folder: SecretFolderConfig = SecretFolderConfig()
    access_log: AccessLogConfig = AccessLogConfig()
    jobs: JobsConfig = JobsConfig()
    mail: MailConfig = MailConfig()
    sharing: SharingConfig = SharingConfig()
    retention: RetentionConfig = RetentionConfig()
    bonuses: BonusesConfig = BonusesConfig()
    transfers: TransfersConfig = TransfersConfig()
    logging: LoggingConfig = LoggingConfig()
    plans: dict[Code, PlanConfig] = {}


#: Keys whose values are never repeated in an error.
_SECRETS = ("access_key", "secret_key", "edge_keys", "password")


def load(path: Path | None) -> Config:
    """Return the configuration of a file; the defaults without one.

    Raises ConfigError where the file cannot be read or a value cannot be used.
    """
    if path is None:
        return Config()
    try:
        text = path.read_text(encoding="utf-8")
        values = yaml.safe_load(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}. Check --config.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not YAML: {error}") from None
    if values is None:
        return Config()
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: has to be a mapping of sections such as server: and object_store:")
    # A section whose keys are all commented out is empty, and means its defaults.
    values = {section: content for section, content in values.items() if content is not None}
    return validate(values, source=str(path))


def validate(values: dict[str, Any], *, source: str) -> Config:
    """Return the configuration of plain values. Raises ConfigError with one line for each problem."""
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        lines = [_explain(problem, source) for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from None


def _explain(problem: Any, source: str) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{source}: {key}: there is no such setting; see config.yaml for all of them"
    given = problem["input"]
    hidden = isinstance(given, dict | BaseModel) or any(secret in key for secret in _SECRETS)
    shown = "" if hidden else f" = {given!r}"
    return f"{source}: {key}{shown}: {problem['msg'].removeprefix('Value error, ')}"
