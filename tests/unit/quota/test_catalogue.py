"""The plan catalogue: R1, R5, R10, and terms that change only where a month begins."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.config import ConfigError, PlanConfig, validate
from core.errors import NotFound
from quota.catalogue import Catalogue, photos, shipped, songs
from quota.history import JUST_BEFORE
from quota.months import BillingMonth
from tests.unit.quota.cast import gb, tokyo

GROWING = PlanConfig.model_validate(
    {
        "price_yen": 300,
        "capacity_gb": 50,
        "bonus_gb": {"club": 5},
        "changes": [
            {"since": "2026-03", "price_yen": 400},
            {"since": "2026-05", "capacity_gb": 60, "bonus_gb": {"support": 1}},
        ],
    }
)


def test_r10_the_shipped_plans_are_those_of_the_interface() -> None:
    codes = ["free-5", "free-10", "paid-25", "paid-50", "paid-100", "pro-10", "pro-25", "pro-50", "pro-100"]
    assert list(shipped().plans) == codes
    assert [code for code, plan in shipped().plans.items() if plan.pro] == codes[5:]


def test_r10_capacities_are_exact_gigabytes_of_two_to_the_thirty() -> None:
    assert [plan.terms[0].capacity_bytes for plan in shipped().plans.values()] == [
        size * 2**30 for size in (5, 10, 25, 50, 100, 10, 25, 50, 100)
    ]


@pytest.mark.parametrize(("size_bytes", "held"), [(2**30, (300, 200)), (2**30 - 1, (299, 199)), (0, (0, 0))])
def test_r1_a_gigabyte_holds_300_photos_or_200_songs(size_bytes: int, held: tuple[int, int]) -> None:
    assert (photos(size_bytes), songs(size_bytes)) == held


def test_terms_keep_what_a_change_does_not_name() -> None:
    plan = Catalogue.from_config({"a": GROWING}).plan("a")
    terms = [plan.terms_in(BillingMonth(2026, month)) for month in (2, 3, 4, 5)]
    assert [(one.price_yen, one.capacity_bytes) for one in terms] == [
        (300, gb(50)),
        (400, gb(50)),
        (400, gb(50)),
        (400, gb(60)),
    ]


def test_r5_bonuses_add_up_by_the_terms_of_the_month() -> None:
    plan = Catalogue.from_config({"a": GROWING}).plan("a")
    april, may = tokyo("2026-05-01") - JUST_BEFORE, tokyo("2026-05-01")
    assert plan.capacity_bytes({"club", "support"}, april) == gb(55)
    assert plan.capacity_bytes({"club", "support"}, may) == gb(61)
    assert plan.capacity_bytes({"unheard-of"}, may) == gb(60)


def test_the_services_are_all_that_any_terms_name() -> None:
    catalogue = Catalogue.from_config({"a": GROWING})
    assert catalogue.services() == ["club", "support"]
    with pytest.raises(NotFound, match="service golf; there are: club, support"):
        catalogue.require_service("golf")


def test_an_unknown_plan_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="plan b; there are: a"):
        Catalogue.from_config({"a": GROWING}).plan("b")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([{"since": "2026-05"}, {"since": "2026-03"}], "in the order of their months"),
        ([{"since": "2026-05"}, {"since": "2026-05"}], "in the order of their months"),
        ([{"since": "2026-05-02", "price_yen": 1}], "since"),
        ([{"since": "2026-05", "price_yen": -1}], "price_yen"),
        ([{"since": "2026-05", "capacity_gb": 0}], "capacity_gb"),
        ([{"since": "2026-05", "pro": True}], "pro"),
    ],
)
def test_terms_out_of_order_or_range_are_refused(changes: list[dict[str, object]], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        PlanConfig.model_validate({"price_yen": 1, "capacity_gb": 1, "changes": changes})


@pytest.mark.parametrize("code", ["Paid", "a b", "", "a" * 33, "-a"])
def test_a_plan_code_is_what_people_can_type(code: str) -> None:
    with pytest.raises(ConfigError, match="plans"):
        validate({"plans": {code: {"price_yen": 1, "capacity_gb": 1}}}, source="config.yaml")
