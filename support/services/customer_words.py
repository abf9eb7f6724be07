"""What a customer hears of a refund or cancellation that a person has done or decided."""

from __future__ import annotations

from collections.abc import Mapping

from support.model import Outcome
from support.wording import Reader

Texts = Mapping[str, str]

_PAID_BACK: Texts = {
    "zh": "已付的 {amount} 原路退回。",
    "en": "What you paid, {amount}, goes back the way you paid.",
}
_TEXTS: Mapping[tuple[str, Outcome], Texts] = {
    ("refund", Outcome.APPROVE): {
        "zh": "退款已经办好：{amount}，退款编号 {refund_id}，款项原路退回。",
        "en": "Your refund of {amount} is done, reference {refund_id}. It goes back the way you paid.",
    },
    ("refund", Outcome.REVIEW): {
        "zh": "退款申请已提交：{amount}，退款编号 {refund_id}，正在等同事审核，结果会在这里告诉您。",
        "en": "Your refund request of {amount} is in, reference {refund_id}. A colleague has to confirm it; "
        "you'll hear the result here.",
    },
    ("cancel", Outcome.APPROVE): {
        "zh": "订单 {order_id} 已取消。{paid_back}",
        "en": "Order {order_id} is cancelled. {paid_back}",
    },
    ("decision", Outcome.APPROVE): {
        "zh": "您的退款 {refund_id} 审核通过：{amount}，款项原路退回。",
        "en": "Your refund {refund_id} has been approved: {amount} goes back the way you paid.",
    },
    ("decision", Outcome.REFUSE): {
        "zh": "很抱歉，您的退款申请 {refund_id}（{amount}）没有通过审核。有疑问可以直接在这里问我们。",
        "en": "I'm sorry, your refund request {refund_id} ({amount}) could not be approved. "
        "If anything is unclear, just ask here.",
    },
}


def of(what: str, outcome: Outcome, reader: Reader, *, amount: str, order_id: str, refund_id: str) -> str:
    """`what`: refund, cancel, or decision of a review. Empty for what a person had better explain.

    A cancellation pays back something when it has a refund.
    """
    texts = _TEXTS.get((what, outcome))
    if texts is None:
        return ""
    paid_back = reader.pick(_PAID_BACK).format(amount=amount) if refund_id else ""
    facts = {"amount": amount, "order_id": order_id, "refund_id": refund_id, "paid_back": paid_back}
    return reader.pick(texts).format(**facts).strip()
