"""An entry of the ledger in the words that the claim gate reads: what was decided, of which order, and sums.

Contract: an entry is a mapping with the ledger's columns (`support.store.LedgerEntry` as a dictionary); what
is not there is left out. A refund or cancellation that was approved is done; one that waits for a person is
being reviewed.
"""

from __future__ import annotations

from collections.abc import Mapping

Entry = Mapping[str, object]

# (action, outcome) -> the state that a customer may be told, in both languages.
_REFUNDED = "退款已通过 已退款 refund approved refunded"
_DONE = {
    ("refund", "approve"): _REFUNDED,
    ("refund", "review"): "已申请退款 审核中 refund requested, being reviewed",
    ("refund", "refuse"): "退款未通过 refund not approved",
    ("cancel", "approve"): "订单已取消 order cancelled",
    ("cancel", "refuse"): "订单未取消 order not cancelled",
    ("cancel", "review"): "已申请取消 审核中 cancellation requested, being reviewed",
    ("review", "approve"): _REFUNDED,
    ("review", "refuse"): "退款未通过 refund not approved",
}


def entry_in_words(entry: Entry) -> str:
    """One line; amounts as in the result, whose `_minor` figures are in hundredths."""
    action, outcome = str(entry.get("action", "")), str(entry.get("outcome", ""))
    result = entry.get("result")
    results = result if isinstance(result, Mapping) else {}
    said = [f"order 订单 {entry.get('order_id', '')}", _DONE.get((action, outcome), f"{action} {outcome}")]
    minor = results.get("amount_minor")
    if isinstance(minor, int) and minor:
        paid_back = f" {_REFUNDED}" if (action, outcome) == ("cancel", "approve") else ""
        said[-1] += f"{paid_back} {minor / 100:.2f} {results.get('currency', '')}"
    said += [value for name, value in results.items() if isinstance(value, str) and name != "currency"]
    return ", ".join([*said, str(entry.get("at", ""))])
