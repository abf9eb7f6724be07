"""The claim gate and the cleaning of customers' texts."""

from __future__ import annotations

import pytest

from support.guard import is_blank, neutralise, unsupported_claims

SUPPORTED = [
    # amounts
    ("一共239.2元", "total: 239.20"),
    ("The total is ¥239.20.", "合计：239.2元"),
    ("满两百元减三十元", "满200元减30元"),
    ("运费１２元", "运费：12元"),
    ("It costs $1,299", "price: 1299.00 USD"),
    ("价格在100-200元之间", "最低100元，最高200元"),
    ("大约1.2万元", "12000元"),
    ("三百五十块", "¥350"),
    # percentages and discounts
    ("会员享受九折", "Members get 10% off"),
    ("Members get 15% off", "会员85折"),
    ("含百分之二十的羊毛", "羊毛 20%"),
    ("第二件半价，也就是50% off", "第二件5折"),
    # periods
    ("七天内可以退货", "Returns within 7 days"),
    ("You have a nice day and can return it within a week", "收到后7天内可退"),
    ("48小时内处理", "两天内处理"),
    ("质保一年", "12 months warranty"),
    ("三五天能到", "3至5天送达"),
    ("3-5个工作日", "three to five business days"),
    ("半小时内回复", "30 minutes"),
    ("库存还有12件", "stock: 12"),
    ("The kettle holds 1.7 l", "容量1.7升"),
    # dates and times
    ("5月19日发出", "shipped_at: 2024-05-19T08:00:00Z"),
    ("It left on May 19th", "5月19日"),
    ("expected on 19 May 2024", "预计2024年5月19日送达"),
    ("五月十九号", "5/19"),
    ("19日送达", "2024-05-19"),
    ("下午两点半", "14:30"),
    ("Open 9:00-18:00, Monday to Friday", "周一至周五，上午九点到下午六点"),
    ("by 6 pm", "18:00"),
    # ids, phones, links
    ("订单2024051700321", "order_id: 2024051700321"),
    ("快递单号 sf1234567890", "SF1234567890"),
    ("订单#A-1002", "A1002"),
    ("请拨打400-820-8820", "电话：4008208820"),
    ("See https://www.example.com/returns.", "[退货](https://example.com/returns)"),
    ("Mail help@example.com", "help@example.com"),
    # no claims at all
    ("请稍等一下，这一点十分重要，千万别着急。", ""),
    ("万一不合适，第一时间联系我们。", ""),
    ("有以下3种方式：\n1. 支付宝\n2. 微信支付\n3. 银行卡", ""),
    ("There are two ways: [1] by card, [2] by bank transfer.", ""),
    ("① 打开订单 ② 点击退款", ""),
    ("No one likes waiting; have a nice day!", ""),
    ("", ""),
]


@pytest.mark.parametrize(("answer", "source"), SUPPORTED)
def test_a_figure_that_a_source_states_in_any_form_passes(answer: str, source: str) -> None:
    assert unsupported_claims(answer, [source]) == []


UNSUPPORTED = [
    ("运费15元", "运费12元", "15元"),
    ("It is $239", "¥239", "$239"),
    ("十五天内可退", "7天内可退", "15天"),
    ("7个工作日内到账", "7天内到账", "7个工作日"),
    ("48小时发货", "48天内发货", "48小时"),
    ("打八折", "打九折", "8折"),
    ("20% off", "10% off", "20%"),
    ("3-7天送达", "3-5天送达", "3-7天"),
    ("5月20日送达", "5月19日送达", "5月20日"),
    ("2024年5月19日", "2023-05-19", "2024年5月19日"),
    ("It left on June 3", "May 3", "June 3"),
    ("晚上8点前", "早上8点前", "晚上8点"),
    ("订单2024051700322", "2024051700321", "2024051700322"),
    ("单号SF999", "SF998", "SF999"),
    ("电话400-820-8821", "400-820-8820", "400-820-8821"),
    ("see https://evil.example/pay", "https://example.com/pay", "https://evil.example/pay"),
    ("库存2件", "stock: 3", "2"),
    ("we take twenty days", "we take 10 days", "20 days"),
    ("客服24/7在线", "客服9:00-18:00在线", "24/7"),
    ("周六也上班", "周一到周五上班", "周六"),
    ("within a week", "within 3 days", "1 week"),
]


@pytest.mark.parametrize(("answer", "source", "claim"), UNSUPPORTED)
def test_a_figure_that_no_source_states_is_reported(answer: str, source: str, claim: str) -> None:
    assert unsupported_claims(answer, [source]) == [claim]


@pytest.mark.parametrize(
    "answer",
    [
        "我们会马上为您退款。",
        "好的，已为您退款。",
        "已经帮您取消订单了",
        "我们保证全额赔付",
        "我们将为您补发一件新的",
        "您的退款今天就会原路退回",
        "全场包邮",
        "We will refund you today.",
        "I've cancelled your order.",
        "Your refund will be processed.",
        "You'll receive a full refund.",
        "We’ll send you a replacement.",
        "Your order has been cancelled",
        "Shipping is free on everything",
    ],
)
def test_a_promise_needs_ground_in_a_source(answer: str) -> None:
    assert unsupported_claims(answer, ["商品材质为纯棉。", "The shop sells clothes."]) != []


@pytest.mark.parametrize(
    "answer",
    [
        "您可以申请退款，我可以帮您查看退款进度。",
        "我会帮您确认退款进度。",
        "我们不会取消您的订单。",
        "需要我为您取消订单吗？",
        "I can help you request a refund.",
        "Would you like me to cancel the order?",
        "We cannot refund this item.",
        "I'll check your refund for you.",
        "我会把您转接给同事，请他为您说明换货政策。",
    ],
)
def test_an_offer_an_explanation_and_a_refusal_promise_nothing(answer: str) -> None:
    assert unsupported_claims(answer, []) == []


PROMISES_WITH_GROUND = [
    ("我们会在收到退货后为您退款。", "收到退货并检查后，退款原路退回。", True),
    ("我们马上为您退款。", "收到退货并检查后，退款原路退回。", False),
    ("已为您退款。", "审核通过后为您退款。", False),
    ("已为您退款。", "status: refunded", True),
    ("您的订单已经发货。", "status: shipped", True),
    ("您的订单已经发货。", "status: paid", False),
    ("We will refund you.", "Refunds go back to the card you paid with.", True),
    ("We will refund you.", "We never refund gift cards.", False),
    ("Your order will be shipped within 48 hours.", "下单后48小时内发货", True),
    ("Delivery is free.", "满99元包邮", True),
]


@pytest.mark.parametrize(("answer", "source", "passes"), PROMISES_WITH_GROUND)
def test_a_source_supports_a_promise_that_binds_no_more_than_it_does(
    answer: str, source: str, passes: bool
) -> None:
    assert (unsupported_claims(answer, [source]) == []) is passes


def test_every_unsupported_claim_is_reported_once_in_order() -> None:
    answer = "运费15元，15元起，3天送达，我们马上为您退款。"
    assert unsupported_claims(answer, ["运费12元"]) == ["15元", "3天", "我们马上为您退款"]


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("/restart", "restart"),
        ('  / /refund{"order_id": "1"}', 'refund{"order_id": "1"}'),
        ("／refund", "refund"),
        ("\u200b/refund", "refund"),
        ("\u202e/refund\u202c", "refund"),
        ("a/b 1/2", "a/b 1/2"),
        ("订单２０２４", "订单2024"),
        ("你好，我想退货！", "你好，我想退货！"),
        ("  two\r\n\tlines\x00 ", "two lines"),
        ("re\u00adfu\u200dnd\ufeff", "refund"),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("😀👍", "😀👍"),
    ],
)
def test_a_customers_text_becomes_ordinary_text(typed: str, safe: str) -> None:
    assert neutralise(typed) == safe
    assert neutralise(neutralise(typed)) == safe


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u200e", "/", " ／ / "])
def test_nothing_visible_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["?", "😀", "0", "好"])
def test_anything_visible_is_not_blank(text: str) -> None:
    assert not is_blank(text)
