"""The words of the mutation script: what contradicts what, and what nobody has promised.

Each flip is a pattern and its replacement, so chosen that the new sentence excludes the old one.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Flip(NamedTuple):
    pattern: re.Pattern[str]
    instead: str


class Promise(NamedTuple):
    """`about`: what the ledger would have to hold; "" where no entry could bear it out. `unless`: words of a
    source that might.
    """

    about: str
    text: str
    unless: str = "$^"


def _flips(*pairs: tuple[str, str]) -> tuple[Flip, ...]:
    return tuple(Flip(re.compile(pattern), instead) for pattern, instead in pairs)


_SAID_OF_RULES = r"(?:included|covered|free|automatic|excluded|accepted|deducted|refunded)\b"
_COUNT = "[0-9一两二三四五六七八九十]+"
# Where one of these stands, a clause is about cases in general, or asks: its state is not this order's.
CONDITIONAL = re.compile(
    r"如果|要是|的话|若|一旦|之前|前可|之后|[货付款收]后|时候|[？?]|未发货就|的订单|的单子|以后|还没.*之前|就"
    r"|\b(?:if|when|once|until|before|after|unless|whether|which|that (?:have|has|are|is)|cannot|can)\b",
    re.I,
)
STATES = {
    "zh": _flips(
        (r"(?:已经?付款[，,]?)?(?:但)?(?:待发货|还没有?发货|尚未发货|还没发出)", "已经发货"),
        (r"已经?发货[，,]?(?:(?:正|目前|现)?在)?(?:运输中|路上)了?", "已签收"),
        (r"(?:已经?)?发货了?[，,]正在运输中", "已签收"),
        (r"(?:还|正|已经?)?在(?:运输中?|途中|路上)了?", "已经签收了"),
        (r"已(?:经)?送达|已(?:经)?签收|已经?送到", "还在运输途中"),
        (r"(?:还没有?|尚未|未)付款|待付款", "已付款"),
        (r"已(?:经)?取消", "已发货"),
        (r"(?:还|正)?在审核中?|(?:还在)?(?:等|由)同事审核中?|审核中", "已经审核通过"),
        (r"(?:审核)?已(?:经)?通过(?:审核)?了?|审核通过了?", "没有通过审核"),
        (r"(?:审核)?未通过|没有?通过", "已经通过审核"),
        (r"已(?:经)?退款", "还没有退款"),
        (r"已(?:经)?完成", "已取消"),
        (r"缺货了?|没货了?|卖完了|售罄", "有货"),
        (r"都有货|(?<![没缺])有货|有现货", "已经售罄"),
        (
            rf"(?:都|也|就)?(?:只剩|仅剩|还剩|剩下?)(?:最后)?了? ?{_COUNT} ?[件双条台只本盒袋个套把箱]",
            "已经售罄",
        ),
    ),
    "en": _flips(
        (
            r"(?:hasn't|has not|have not|haven't) "
            r"(?:been )?(?:shipped|dispatched|left(?: (?:the|our) warehouse)?)(?: yet)?",
            "has been delivered",
        ),
        (
            r"not (?:been )?(?:shipped|dispatched)(?: yet)?|not yet (?:been )?(?:shipped|dispatched)",
            "delivered",
        ),
        (r"(?:has )?(?:been )?shipped and (?:is )?(?:on its way|in transit)", "was delivered"),
        (r"(?:on its way|in transit)(?! back)", "delivered"),
        (r"(?:was|has been|were|is) delivered", "is still on its way"),
        (r"(?:arrived)(?= on)", "is still in transit and was last scanned"),
        (r"(?:still )?awaiting payment|(?:still )?unpaid|has(?:n't| not) been paid(?: yet)?", "already paid"),
        (r"(?:was|has been|is) cancelled", "has been shipped"),
        (r"(?:is )?(?:still )?being (?:reviewed|checked|looked at)", "has been approved"),
        (r"(?:was|has been) not approved|was(?:n't| not) approved|was turned down", "has been approved"),
        (r"(?:has been|was) approved", "was turned down"),
        (r"(?:has been|was) refunded", "has not been refunded"),
        (r"(?:is |are )?(?:currently )?(?:out of stock|sold out)", "is in stock"),
        (r"(?:is|are) (?:all )?in stock", "is sold out"),
        (r"in stock", "sold out"),
        (r"has only \w+(?: pairs?| pieces?| copies| sets?)? left", "is sold out"),
        (r"only \w+(?: pairs?| pieces?| copies| sets?)? left", "sold out"),
    ),
}

# Where a flip would make a question, an invitation, an excuse or an offer false, which nobody can check, or
# where the sentence holds either way ("even if").
NO_FLIP = re.compile(
    r"[？?]|不敢|不清楚|不确定|没有?(?:找到|写到|提到|说明|查到)|没写|抱歉|告诉我|您说|不好说"
    r"|我(?!们)|就算(?:订单|已经|是|您|没|不)|哪怕|即使|即便"
    r"|\b(?:I|please|sorry|let me|tell me|don't (?:worry|need to|have to)|not sure|not mention)\b"
    r"|\beven (?:if|when|though)\b",
    re.I,
)
NEGATIONS = {
    "zh": _flips(
        (r"(?:暂时?)?不支持", "支持"),
        (r"(?:都|暂时?)?不参加", "参加"),
        (r"(?:都|就)?不(?:能|可以|可(?![以靠能]))", "可以"),
        (r"不予", "可以"),
        (r"不(?:另)?收(?=费|取|任何|运费|钱)", "要收"),
        (r"(?:不用|不需要|无需)(?!担心|着急|谢)", "需要"),
        (r"不(?:包)?含", "包含"),
        (r"不提供", "提供"),
        (r"不(?:再)?接受", "接受"),
        (r"不(?:再)?受理|无法受理", "可以受理"),
        (r"不退(?=[。，；！\s]|$)", "可以退"),
        (r"无法|没法", "可以"),
        (r"不在(?=.{0,6}范围)", "在"),
        (r"不(?:会)?(?:办理|配送|出售|叠加)", "可以"),
        (r"(?:由)?(?:我们|小铺|本店|店里)(?=承担|出(?![货库具]))", "由您"),
        (r"(?:由)?您(?=自己承担|承担)", "由我们"),
        (r"(?<![不没])(?<!参加)(?<!不能)(?<!没有)包邮(?!门槛|线)", "不包邮"),
        (r"免费(?!保修| ?\d)", "收费"),
        (r"(?<!不)支持", "不支持"),
        (r"(?<!不)(?:也|都|就)?可以(?!看|点|说|告诉|联系|问|查|把|在|试|先|考虑|换个)", "不可以"),
        (r"(?:还|都|就|才)能(?!力)", "不能"),
    ),
    "en": _flips(
        (r"(?:can't|cannot|can not)", "can"),
        (r"(?<=[Ww]e )(?:don't|do not)", "do"),
        (r"(?:doesn't|does not)(?= (?:apply|include|cover|cost|need|have to|ship|come|count|work))", "does"),
        (r"(?:don't|do not)(?= (?:apply|include|cover|cost|count|have to|ship|expire|need))", "do"),
        (r"(?<![Ii]f it )(?<![Ii]f it still )(?:isn't|is not)", "is"),
        (r"(?:aren't|are not)", "are"),
        (r"won't|will not", "will"),
        (r"(?<=[Ww]e )never", "always"),
        (r"(?:is|are|it's|they're) never(?! only)", "is always"),
        (r"not (?=covered|included|refundable|waterproof|available|possible)", ""),
        (r"(?<=[Ww]e )pay\b", "do not pay"),
        (r"(?<=[Yy]ou )pay(?= the (?:return )?postage)", "do not pay"),
        (rf"\bis (?={_SAID_OF_RULES})", "is not "),
        (rf"\bare (?={_SAID_OF_RULES})", "are not "),
        (r"\bcan(?= (?:be|still|go)\b)", "cannot"),
        (
            r"(?<=[Yy]ou )(?<!before you )(?<!until you )"
            r"can (?!only|ask|see|check|find|tell|choose|also|follow|look)",
            "cannot ",
        ),
        (r"\b(?:ships|comes) free", "is not free"),
    ),
}

# What turns an estimate into a promise; only where a source has an estimate too.
HEDGED = re.compile(
    r"一般|通常|约|左右|预计|尽量|可能|多半|也许"
    r"|\b(?:usually|about|around|expected|estimated|normally|may|most likely)\b",
    re.I,
)
STRENGTHENED = {
    "zh": _flips(
        (r"一般|通常|大约|预计(?=.{0,8}[到达])", "保证"), (r"尽量", "一定"), (r"可能还?会?", "一定会")
    ),
    "en": _flips(
        (r"\busually take\b", "are guaranteed to take"),
        (r"\busually takes\b", "is guaranteed to take"),
        (r"\b(?:is |was )?expected (?=on|by)", "is guaranteed to arrive "),
    ),
}
PROMISES = {
    "zh": (
        Promise("refund", "我们今天就给您退款。"),
        Promise("refund", "我已经帮您办好退款了。"),
        Promise("refund", "您放心，我们一定会给您全额退款。", unless="全额退"),
        Promise("refund", "钱我这边马上退给您。", unless="马上"),
        Promise("cancel", "我已经帮您把订单取消了。"),
        Promise("", "我们保证明天一定送到。"),
        Promise("", "我们会额外赔您一张优惠券。", unless="券"),
        Promise("", "我马上给您免费补发一件新的。", unless="补发|换新|换一|新的"),
        Promise("", "我已经帮您把收货地址改好了。"),
        Promise("", "这次的运费我们给您免掉。"),
        Promise("", "我已经通知仓库今天优先给您发出。"),
        Promise("", "我们会给您补差价的。", unless="差价"),
        Promise("", "专员今天之内一定给您打电话。"),
    ),
    "en": (
        Promise("refund", "You will get a full refund today."),
        Promise("refund", "I've already refunded you."),
        Promise("refund", "We'll refund you right away, I promise.", unless="at once|immediate|right away"),
        Promise("refund", "Your money is already on its way back to you, I have just arranged it."),
        Promise("cancel", "I've cancelled the order for you."),
        Promise("", "We guarantee that it will arrive tomorrow."),
        Promise("", "We'll send you a voucher as compensation.", unless="coupon|voucher"),
        Promise("", "I'm sending you a free replacement now.", unless="replace|new one|resend"),
        Promise("", "I have changed the delivery address for you."),
        Promise("", "We'll waive the postage for you this time."),
        Promise("", "I've told the warehouse to dispatch it first thing today."),
        Promise("", "We will pay you the difference in price.", unless="difference"),
        Promise("", "A colleague will definitely call you today."),
    ),
}
# {n} is a number that stands in no source.
INVENTED = {
    ("zh", "policy"): (
        "另外，每单要收 {n} 元包装费。",
        "满 {n} 元还会送一个帆布袋。",
        "申请的时候要先交 {n} 元押金。",
        "这项服务每人每年限 {n} 次。",
        "办理一共需要 {n} 天。",
    ),
    ("zh", "product"): (
        "这款目前库存还有 {n} 件。",
        "它的重量是 {n} 克。",
        "现在下单还能再减 {n} 元。",
        "已经有 {n} 位顾客给了好评。",
        "这款质保是 {n} 个月。",
    ),
    ("zh", "order"): (
        "包裹重 {n} 公斤。",
        "大约还要 {n} 小时送到。",
        "这一单您获得了 {n} 积分。",
        "其中包含 {n} 元保价费。",
        "派送员的工号是 {n}。",
    ),
    ("zh", "refund"): (
        "其中要扣 {n} 元手续费。",
        "另外会补您 {n} 元的券。",
        "到账大约要 {n} 天。",
        "同时扣回了 {n} 积分。",
        "您前面还有 {n} 个申请在排队。",
    ),
    ("en", "policy"): (
        "There is also a handling fee of {n} per order.",
        "Orders above {n} come with a free tote bag.",
        "You can do this up to {n} times a year.",
        "It takes {n} days in all.",
        "About {n}% of our customers choose this.",
    ),
    ("en", "product"): (
        "We have {n} of them in stock.",
        "It weighs {n} g.",
        "You save {n}% if you order now.",
        "It has {n} five-star reviews.",
        "Its warranty runs for {n} months.",
    ),
    ("en", "order"): (
        "The parcel weighs {n} kg.",
        "It should take another {n} hours.",
        "You earned {n} points with this order.",
        "This includes {n} for insurance.",
        "There are {n} stops before yours.",
    ),
    ("en", "refund"): (
        "A handling fee of {n} has been deducted.",
        "You also get a voucher worth {n}.",
        "It will take about {n} days.",
        "We also took back {n} points.",
        "There are {n} requests ahead of yours.",
    ),
}
