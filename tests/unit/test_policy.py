"""The shop's rules: which rule decides which order, when people answer, and what a bad file is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from support import policy as policies
from support.hours import Desk
from support.model import HandoffReason, Order, Outcome, Reason
from support.policy import HIGH_VALUE, NO_RULE, Policy, PolicyError, reason_for_person
from tests.builders import NOW, demo_policy, line, order

POLICY = demo_policy()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def sent(days: float, category: str = "女装", total: str = "100.00", status: str = "delivered") -> Order:
    """An order that arrived so many days ago."""
    return order(status, [line(price=total, category=category)], shipped=days + 2, delivered=days)


# Every rule of the demo shop for refunds, with an order and a reason that it decides.
REFUNDS: list[tuple[str, Order, Reason]] = [
    ("unpaid-nothing-to-refund", order("unpaid"), Reason.CHANGED_MIND),
    ("already-cancelled", order("cancelled"), Reason.CHANGED_MIND),
    ("already-refunded", order("refunded"), Reason.QUALITY),
    ("unshipped-any-reason", order("paid"), Reason.CHANGED_MIND),
    ("in-transit-not-received-yet", order("shipped", shipped=7), Reason.NOT_RECEIVED),
    ("in-transit-not-received", order("shipped", shipped=7.01), Reason.NOT_RECEIVED),
    ("in-transit-fault", order("shipped", shipped=3), Reason.DAMAGED),
    ("in-transit-intercept", order("shipped", shipped=3), Reason.CHANGED_MIND),
    ("delivered-not-received", sent(2), Reason.NOT_RECEIVED),
    ("fault-small", sent(15, total="200.00"), Reason.QUALITY),
    ("fault-large", sent(15, total="200.01"), Reason.QUALITY),
    ("warranty-electronics", sent(365, "数码家电"), Reason.DAMAGED),
    ("warranty-kitchen-appliances", sent(365, "厨房"), Reason.QUALITY),
    ("fault-too-late", sent(15.01), Reason.QUALITY),
    ("excluded-no-reason", sent(1, "内衣"), Reason.SIZE),
    ("excluded-other-reason", sent(1, "定制商品"), Reason.OTHER),
    ("no-reason-small", sent(7, total="500.00"), Reason.CHANGED_MIND),
    ("no-reason-large", sent(7, total="500.01"), Reason.CHANGED_MIND),
    ("size-exchange-only", sent(15), Reason.SIZE),
    ("no-reason-too-late", sent(7.01), Reason.CHANGED_MIND),
    ("anything-else", sent(7.01), Reason.OTHER),
]
CANCELS: list[tuple[str, str]] = [
    ("cancel-unpaid", "unpaid"),
    ("cancel-unshipped", "paid"),
    ("cancel-shipped", "shipped"),
    ("cancel-delivered", "delivered"),
    ("cancel-delivered", "completed"),
    ("cancel-already-cancelled", "cancelled"),
    ("cancel-already-refunded", "refunded"),
]


@pytest.mark.parametrize(("rule", "one", "reason"), REFUNDS, ids=[rule for rule, _, _ in REFUNDS])
def test_the_rule_decides_the_refund(rule: str, one: Order, reason: Reason) -> None:
    assert POLICY.decide_refund(one, one.items, reason, NOW).rule == rule


def test_every_rule_for_refunds_decides_some_order() -> None:
    assert [rule.id for rule in POLICY.refund] == [rule for rule, _, _ in REFUNDS]


@pytest.mark.parametrize(("rule", "status"), CANCELS)
def test_the_rule_decides_the_cancellation(rule: str, status: str) -> None:
    assert POLICY.decide_cancel(order(status), NOW).rule == rule


def test_every_rule_for_cancellations_but_the_safety_net_decides_some_order() -> None:
    reached = {rule for rule, _ in CANCELS}
    assert {rule.id for rule in POLICY.cancel} - reached == {"cancel-anything-else"}


@pytest.mark.parametrize("rule", [*POLICY.refund, *POLICY.cancel], ids=lambda rule: rule.id)
def test_every_rule_explains_itself_in_both_languages(rule: policies.Rule) -> None:
    assert set(rule.explain) == {"zh", "en"}


@pytest.mark.parametrize(
    "rule",
    [one for one in (*POLICY.refund, *POLICY.cancel) if one.decision is Outcome.REFUSE],
    ids=lambda rule: rule.id,
)
def test_every_refusal_names_an_alternative_in_both_languages(rule: policies.Rule) -> None:
    assert set(rule.alternatives) == {"zh", "en"}


def test_no_two_rules_share_an_id() -> None:
    ids = [rule.id for rule in (*POLICY.refund, *POLICY.cancel)]
    assert len(ids) == len(set(ids))


# --- how a rule is chosen ----------------------------------------------------------------------------------


def test_what_no_rule_covers_goes_to_a_person() -> None:
    assert Policy().decide_refund(order(), order().items, Reason.OTHER, NOW) is NO_RULE


def test_a_delivery_that_nobody_recorded_is_never_too_late() -> None:
    assert POLICY.decide_refund(order("delivered"), order().items, Reason.SIZE, NOW).rule == "anything-else"


def test_one_excluded_item_among_others_decides() -> None:
    one = order("delivered", [line("S1"), line("S2", category="内衣")], shipped=3, delivered=1)
    assert POLICY.decide_refund(one, one.items, Reason.SIZE, NOW).rule == "excluded-no-reason"


def test_an_excluded_item_that_stays_with_the_customer_does_not_count() -> None:
    one = order("delivered", [line("S1"), line("S2", category="内衣")], shipped=3, delivered=1)
    assert POLICY.decide_refund(one, one.lines(["S1"]), Reason.SIZE, NOW).rule == "no-reason-small"


def test_the_amount_is_that_of_the_items_and_not_of_the_order() -> None:
    one = order("delivered", [line("S1", "100.00"), line("S2", "900.00")], shipped=3, delivered=1)
    assert POLICY.decide_refund(one, one.lines(["S1"]), Reason.SIZE, NOW).rule == "no-reason-small"


def test_a_category_is_compared_as_a_whole_name() -> None:
    one = sent(1, "内衣收纳盒")
    assert POLICY.decide_refund(one, one.items, Reason.SIZE, NOW).rule == "no-reason-small"


def test_amount_over_excludes_the_amount_itself() -> None:
    rules = {"refund": [rule(id="dear", when={"amount_over": 100})]}
    one = order(total="100.00")
    assert Policy.model_validate(rules).decide_refund(one, one.items, Reason.SIZE, NOW) is NO_RULE


def test_days_can_be_counted_from_the_payment() -> None:
    rules = {"refund": [rule(id="soon", when={"within_days": 2, "since": "paid"})]}
    one = order("paid")
    assert Policy.model_validate(rules).decide_refund(one, one.items, Reason.SIZE, NOW).rule == "soon"


def rule(**fields: Any) -> dict[str, Any]:
    return {"decision": "approve", "explain": {"zh": "可以", "en": "Fine"}} | fields


# --- evidence and value ------------------------------------------------------------------------------------


def test_a_fault_without_a_photo_goes_to_a_person() -> None:
    one = sent(1)
    decision = POLICY.decide_refund(one, one.items, Reason.QUALITY, NOW, evidence=False)
    assert decision.outcome is Outcome.REVIEW


def test_a_missing_photo_is_named_as_the_reason() -> None:
    one = sent(1)
    decision = POLICY.decide_refund(one, one.items, Reason.QUALITY, NOW, evidence=False)
    assert decision.explain["en"].startswith("Without a photo")


def test_a_missing_photo_does_not_change_a_refusal() -> None:
    one = order("cancelled")
    decision = POLICY.decide_refund(one, one.items, Reason.QUALITY, NOW, evidence=False)
    assert decision.outcome is Outcome.REFUSE


def test_a_rule_that_asks_for_no_photo_approves_without_one() -> None:
    one = order("paid")
    decision = POLICY.decide_refund(one, one.items, Reason.CHANGED_MIND, NOW, evidence=False)
    assert decision.outcome is Outcome.APPROVE


def test_an_approved_refund_of_a_dear_order_goes_to_a_person() -> None:
    one = order("paid", total="3000.01")
    assert POLICY.decide_refund(one, one.items, Reason.SIZE, NOW).rule == HIGH_VALUE


def test_a_refund_below_the_limit_is_carried_out() -> None:
    one = order("paid", total="2999.99")
    assert POLICY.decide_refund(one, one.items, Reason.SIZE, NOW).outcome is Outcome.APPROVE


def test_a_cheap_item_of_a_dear_order_goes_to_a_person_too() -> None:
    one = order("paid", [line("S1", "10.00"), line("S2", "4000.00")])
    assert POLICY.decide_refund(one, one.lines(["S1"]), Reason.SIZE, NOW).rule == HIGH_VALUE


def test_the_value_of_an_order_does_not_soften_a_refusal() -> None:
    one = order("cancelled", total="9000.00")
    assert POLICY.decide_refund(one, one.items, Reason.SIZE, NOW).rule == "already-cancelled"


def test_a_shop_without_a_limit_approves_any_value() -> None:
    policy = POLICY.model_copy(update={"handoff": Desk(high_value=None)})
    one = order("paid", total="90000.00")
    assert policy.decide_refund(one, one.items, Reason.SIZE, NOW).outcome is Outcome.APPROVE


def test_a_person_learns_that_it_is_about_the_value() -> None:
    one = order("paid", total="9000.00")
    decision = POLICY.decide_refund(one, one.items, Reason.SIZE, NOW)
    assert reason_for_person(decision) is HandoffReason.HIGH_VALUE


def test_other_reviews_are_a_matter_of_policy() -> None:
    assert reason_for_person(NO_RULE) is HandoffReason.POLICY


def test_the_limit_of_the_demo_shop_is_three_thousand_yuan() -> None:
    assert POLICY.handoff.high_value == Decimal(3000)


# --- nothing to be done ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["unpaid", "cancelled", "refunded"])
def test_an_order_without_money_to_give_back_is_hopeless(status: str) -> None:
    decision = POLICY.hopeless_refund(order(status), NOW)
    assert decision is not None and decision.outcome is Outcome.REFUSE


@pytest.mark.parametrize("status", ["paid", "shipped"])
def test_an_order_that_some_reason_gets_refunded_is_not_hopeless(status: str) -> None:
    assert POLICY.hopeless_refund(order(status, shipped=3), NOW) is None


def test_an_old_order_is_not_hopeless_while_a_person_might_decide() -> None:
    assert POLICY.hopeless_refund(sent(100), NOW) is None


def test_an_order_without_lines_is_not_called_hopeless() -> None:
    assert POLICY.hopeless_refund(order("cancelled", [], total="1.00"), NOW) is None


def test_one_item_that_can_go_back_keeps_the_order_from_being_hopeless() -> None:
    rules = {
        "refund": [
            rule(id="no-food", when={"categories": ["食品"]}, decision="refuse"),
            rule(id="the-rest"),
        ]
    }
    one = order(items=[line("S1", category="食品"), line("S2")])
    assert Policy.model_validate(rules).hopeless_refund(one, NOW) is None


def test_a_sent_order_cannot_be_cancelled() -> None:
    decision = POLICY.hopeless_cancel(order("shipped"), NOW)
    assert decision is not None and decision.rule == "cancel-shipped"


def test_an_order_that_can_be_cancelled_is_not_hopeless() -> None:
    assert POLICY.hopeless_cancel(order("paid"), NOW) is None


# --- a file that cannot be used ----------------------------------------------------------------------------


def refused(tmp_path: Path, content: str | bytes) -> str:
    path = tmp_path / "policy.yml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(PolicyError) as caught:
        policies.load(path)
    return str(caught.value)


def test_an_empty_file_leaves_everything_to_people(tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert policies.load(path) == Policy()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"absent\.yml: cannot be read"):
        policies.load(tmp_path / "absent.yml")


def test_a_file_that_is_not_yaml_is_told_the_line(tmp_path: Path) -> None:
    message = refused(tmp_path, "currency: CNY\nrefund: [unclosed\n")
    assert "policy.yml: not valid YAML" in message and "line 3" in message


def test_a_file_in_another_encoding_is_told_to_be_utf8(tmp_path: Path) -> None:
    assert "policy.yml: not UTF-8" in refused(tmp_path, "currency: 人民币".encode("gb18030"))


def test_an_unknown_key_is_named_with_its_place(tmp_path: Path) -> None:
    message = refused(
        tmp_path, "refund:\n- {id: a, decision: approve, explain: {zh: 好}, when: {within: 7}}\n"
    )
    assert "refund.0.when.within" in message


def test_an_unknown_zone_is_named(tmp_path: Path) -> None:
    assert "'Asia/Atlantis' is not a time zone" in refused(tmp_path, "timezone: Asia/Atlantis\n")


@pytest.mark.parametrize("zone", ["../../etc/passwd", "/etc/localtime", ""])
def test_a_zone_that_is_a_path_is_refused(tmp_path: Path, zone: str) -> None:
    assert "is not a time zone" in refused(tmp_path, f"timezone: '{zone}'\n")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("refund:\n- {id: a, decision: maybe, explain: {zh: 好}}\n", "refund.0.decision"),
        ("refund:\n- {id: a, decision: approve}\n", "refund.0.explain"),
        ("refund:\n- {decision: approve, explain: {zh: 好}}\n", "refund.0.id"),
        ("refund:\n- {id: a, decision: approve, explain: {}, when: {states: [lost]}}\n", "when.states"),
        ("refund:\n- {id: a, decision: approve, explain: {}, when: {reasons: [boredom]}}\n", "when.reasons"),
        ("refund:\n- {id: a, decision: approve, explain: {}, when: {within_days: -1}}\n", "when.within_days"),
        ("refund:\n- {id: a, decision: approve, explain: {}, when: {since: born}}\n", "when.since"),
        ("refund:\n- {id: a, decision: approve, explain: {}, evidence: [video]}\n", "evidence.0"),
        ("handoff: {holidays: [someday]}\n", "handoff.holidays"),
        ("handoff: {business_hours: {mon: ['25:00', '26:00']}}\n", "handoff.business_hours.mon"),
        ("handoff: {business_hours: {moonday: ['09:00', '18:00']}}\n", "handoff.business_hours"),
        ("handoff: {business_hours: {mon: ['18:00', '02:00']}}\n", "before it opens at 18:00"),
        ("handoff: {special_days: {2024-05-20: [09:00, 22:00]}}\n", "in quotes"),
        ("handoff: {promise_hours: 0}\n", "handoff.promise_hours"),
        ("handoff: {reach: [pigeon]}\n", "handoff.reach"),
    ],
)
def test_a_bad_value_is_told_its_place(tmp_path: Path, content: str, place: str) -> None:
    assert place in refused(tmp_path, content)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, "timezone: Nowhere\ncolour: blue\n")
    assert "timezone" in message and "colour" in message
