"""config.yaml and docs/settings.md name every setting, with its true default."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from core.config import Config, ConfigError, PlanConfig, load, validate
from quota.catalogue import Catalogue, shipped

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "config.yaml"
#: In config.yaml `#key:` is a setting that is commented out, `# words` explains.
_SETTING = re.compile(r"^(\s*)#(?=\S)(?!#)", re.MULTILINE)


def _uncommented() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(_SETTING.sub(r"\1", SHIPPED.read_text(encoding="utf-8")))
    return values


def _keys() -> list[str]:
    found = []
    for section, field in Config.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += [f"{section}.{key}" for key in kind.model_fields]
        else:
            found += [f"{section}.<code>.{key}" for key in PlanConfig.model_fields]
    return found


def test_the_shipped_config_yaml_changes_nothing() -> None:
    assert load(SHIPPED) == Config()


def test_every_key_of_config_yaml_uncommented_gives_exactly_the_defaults() -> None:
    values = _uncommented()
    plans = values.pop("plans")
    assert validate(values, source="config.yaml") == Config()
    given = Catalogue.from_config(validate({"plans": plans}, source="config.yaml").plans)
    assert given == shipped()


def test_config_yaml_shows_every_key_there_is() -> None:
    values = _uncommented()
    assert set(values) == set(Config.model_fields)
    defaults = Config().model_dump()
    assert {name: set(values[name]) for name in values if name != "plans"} == {
        name: set(defaults[name]) for name in defaults if name != "plans"
    }


def test_docs_settings_names_every_key_and_no_other() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)) == set(_keys())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("server: {port: 65536}", ["server.port", "65536", "less than or equal to 65535"]),
        ("server: {kind: apache}", ["server.kind", "'apache'", "'cheroot' or 'granian'"]),
        ("server: {certificate: cert.pem}", ["server", "certificate and private_key belong together"]),
        ("server: {prot: 80}", ["server.prot", "there is no such setting"]),
        ("object_store: {endpoint: 'https://s3.example.jp'}", ["object_store", "access_key and secret_key"]),
        ("jobs: {reclaim_every_seconds: 0}", ["jobs.reclaim_every_seconds", "0", "greater than or equal to 1"]),
        ("plans: {big: {capacity_gb: 5}}", ["plans.big.price_yen", "required"]),
        ("lines: {verifiers: [edge]}", ["lines", "the verifier edge needs edge_keys"]),
        ("server: {trusted_proxies: [10.0.0.1/8]}", ["server.trusted_proxies", "10.0.0.1/8", "host bits set"]),
        ("server: {kind: granian, proxy_protocol_from: [10.0.0.0/8]}", ["server", "granian does not understand"]),
        ("server: {proxy_protocol_from: [10.0.0.1/8]}", ["server.proxy_protocol_from", "host bits set"]),
        ("- 1", ["has to be a mapping of sections"]),
        ("server: [", ["is not YAML"]),
    ],
)
def test_an_error_names_key_value_file_and_reason(tmp_path: Path, text: str, told: list[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path)
    for words in [str(path), *told]:
        assert words in str(refused.value)


def test_every_problem_gets_a_line_of_its_own() -> None:
    with pytest.raises(ConfigError) as refused:
        validate({"server": {"port": -1, "workers": 65}}, source="config.yaml")
    assert [line.split(" = ")[0] for line in str(refused.value).splitlines()] == [
        "config.yaml: server.port",
        "config.yaml: server.workers",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "object_store: {secret_key: 90210}",
        "object_store: {access_key: 90210}",
        "lines: {edge_keys: {carrier: 90210}}",
    ],
)
def test_an_error_never_repeats_a_secret(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert "90210" not in str(refused.value)
    assert "valid string" in str(refused.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError) as refused:
        load(Path("nowhere.yaml"))
    assert "nowhere.yaml: cannot be read" in str(refused.value)
