"""What the bot has done in a conversation and why it was not enough, in words, for the person who takes over.

    steps(exchanges) -> [{"asked": "退这件", "response": "utter_refund_refused", "outcome": "refused",
                          "zh": "按规则退不了", "en": …, "answered": "抱歉，…"}]

An exchange is a customer's message with the names of the responses that answered it. The outcome of a message
is that of its most telling response; messages whose answers tell nothing are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SHOWN_CHARACTERS = 160

# Response -> outcome, and the outcome in words for the staff. The first that a message got counts.
_TELLING: dict[str, tuple[str, str, str]] = {
    "utter_internal_error": ("failed", "内部出错，没办成", "failed on our side"),
    "utter_identity_locked": ("locked", "身份验证次数用完", "too many failed tries to prove who they are"),
    "utter_identity_mismatch": (
        "not_proven", "订单号和手机尾号对不上", "order number and phone did not match",
    ),
    "utter_cannot_prove": ("not_proven", "顾客手头没有订单号", "the customer has no order number at hand"),
    "utter_order_not_found": ("not_found", "名下没有这个订单", "no such order under their name"),
    "utter_no_orders": ("not_found", "名下没有订单", "no orders under their name"),
    "utter_screenshot_differs": ("differs", "截图和记录不一致", "the screenshot contradicts the record"),
    "utter_screenshot_unclear": ("unreadable", "截图里没读出订单号", "no order number in the screenshot"),
    "utter_picture_missing": ("unreadable", "没有收到图片", "no picture had arrived"),
    "utter_picture_plain": ("unreadable", "没看出图片内容", "could not tell what the picture shows"),
    "utter_evidence_unsuitable": ("no_evidence", "图片不能作凭证", "the picture is no evidence"),
    "utter_refund_refused": ("refused", "按规则退不了", "policy does not allow the refund"),
    "utter_cancel_refused": ("refused", "按规则不能取消", "policy does not allow cancelling"),
    "utter_change_too_late": ("refused", "已发出，改不了了", "too late to change the order"),
    "utter_refund_review": ("review", "退款需要人工审核", "the refund needs a person's decision"),
    "utter_cancel_review": ("review", "取消需要人工审核", "cancelling needs a person's decision"),
    "utter_change_handed_over": ("review", "改订单要人工办理", "changing an order is a person's work"),
    "utter_invoice_person": ("review", "开票要人工办理", "issuing an invoice is a person's work"),
    "utter_not_confirmed": ("unconfirmed", "顾客没有确认", "the customer did not confirm"),
    "utter_stopped": ("stopped", "顾客中途不办了", "the customer gave up"),
    "utter_knowledge_no_answer": ("no_answer", "资料里没有答案", "the documents do not cover it"),
    "utter_knowledge_maybe": ("unsure", "只找到相近的资料", "only a passage that is close"),
    "utter_product_not_found": ("not_found", "没找到这样的商品", "no such product"),
    "utter_what_product": ("unclear", "没弄清问的是哪件商品", "unclear which product is meant"),
    "utter_clarify": ("not_understood", "没听懂", "not understood"),
    "utter_not_an_answer": ("not_understood", "没听懂", "not understood"),
    "utter_sorry_not_understood": ("not_understood", "又没听懂", "not understood again"),
    "utter_out_of_scope": ("out_of_scope", "不在业务范围内", "not the shop's business"),
    "utter_sorry_angry": ("anger", "顾客很生气", "the customer is angry"),
    "utter_rated_low": ("rated_low", "顾客打了低分", "the customer gave a low rating"),
    "utter_refund_approved": ("done", "退款已通过", "refund approved"),
    "utter_refund_repeated": ("done", "退款早已提交过", "the refund had been requested before"),
    "utter_cancelled": ("done", "订单已取消", "order cancelled"),
    "utter_cancelled_already": ("done", "订单早已取消", "the order had been cancelled before"),
    "utter_exchange": ("answered", "说明了换货办法", "explained exchanges"),
    "utter_urge": ("answered", "说明了催件情况", "answered about the parcel's delay"),
    "utter_parcel_late": ("answered", "包裹已晚点", "the parcel is late"),
    "utter_order_status": ("answered", "查了订单", "looked up the order"),
    "utter_refund_states": ("answered", "查了退款进度", "looked up the refunds"),
    "utter_no_refunds": ("not_found", "没有退款记录", "no refunds on record"),
    "utter_knowledge_answer": ("answered", "按资料作了回答", "answered from the documents"),
    "utter_product_answer": ("answered", "按商品库作了回答", "answered from the catalogue"),
    "utter_picture_seen": ("answered", "看了图片", "looked at the picture"),
    "utter_picture_text": ("answered", "读了图片上的字", "read the picture's text"),
}  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(_TELLING)}


@dataclass(frozen=True)
class Exchange:
    """A customer's message, the names of the responses to it, and their words."""

    asked: str
    responses: tuple[str, ...] = ()
    answered: str = ""

    def answered_by(self, response: str, words: str = "") -> Exchange:
        """With one response more; its words count unless an earlier one's do."""
        return Exchange(self.asked, (*self.responses, response), self.answered or words)


def steps(exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    """One entry for each message whose answer tells something."""
    return [step for one in exchanges if (step := _step(one))]


def unanswered(asked: str) -> dict[str, Any]:
    """The entry of a message that the assistant did not answer at all."""
    return _entry(asked, "", "failed", "助手没有响应", "the assistant did not answer", "")


def _step(one: Exchange) -> dict[str, Any] | None:
    telling = min((name for name in one.responses if name in _RANK), key=_RANK.__getitem__, default=None)
    if telling is None:
        return None
    return _entry(one.asked, telling, *_TELLING[telling], one.answered)


def _entry(asked: str, response: str, outcome: str, zh: str, en: str, answered: str) -> dict[str, Any]:
    return {
        "asked": asked[:_SHOWN_CHARACTERS],
        "response": response,
        "outcome": outcome,
        "zh": zh,
        "en": en,
        "answered": answered[:_SHOWN_CHARACTERS],
    }
