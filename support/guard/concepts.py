"""The words of a shop's rules and records, each with what it means in either language.

`CONCEPTS` lets "退货" meet "send it back", so that two clauses can be seen to speak of the same thing. It is
no thesaurus: a word belongs here if rules turn on it. The longest word wins; what is not here is compared
letter by letter.
"""

from __future__ import annotations

import re

# Meaning -> what stands for it or for its opposite, as patterns: both speak of the same thing.
_MEANINGS: dict[str, str] = {
    "return": r"退货|退回|寄回|退换货?|\breturn\w*|\bsen[dt] (?:it |them )?back|\btake\w* back",
    "refund": r"退款|退钱|退还|返还|\brefund\w*|\bmoney back\b|\breimburs\w+",
    "exchange": r"换货|换码|调换|更换|换新|换(?!成|言|句|算)|\bexchang\w+|\bswap\w*|\breplac\w+",
    "dispatch": r"发货|发出|寄出|出库|发走|\bdispatch\w*|\bship(?:s|ped|ping)?\b|\bleaves?\b|\bsent out\b",
    "receive": r"签收|收货|收到|送达|送到|到货|\bdeliver(?:y|ed|s)?\b|\barriv\w+|\breceiv\w+|\breceipt\b",
    "pay": r"付款|支付|实付|付费|付钱|\bpa(?:y|id|ys|ying|yment)\b",
    "order": r"下单|订单|\border\w*",
    "cancel": r"取消|撤销|\bcancel\w*",
    "postage": r"运费|邮费|快递费|\bpostage\b|\b(?:shipping|delivery) (?:fee|cost|charge)s?\b",
    "free delivery": r"包邮|免运费|免邮费?|\bfree (?:shipping|delivery|postage)\b|\b(?:delivery|"
    r"shipping) is free\b",
    "free": r"收费|付费|另付|另收|由(?:您|你|顾客|买家|客户|收件人)|"
    r"(?:您|顾客|买家|客户|收件人)(?:自己|自行|来)?(?:付|承担|出|负责)|"
    r"\bcharged\b(?! back)|\byou(?:'ll)? (?:pay|cover)\b|\bat your (?:own )?(?:cost|expense)\b|"
    r"\bpaid by you\b|"
    r"免费|不(?:收|用付|要)(?:钱|费)|由(?:我们|小铺|本店|店铺|店里|商家|卖家)|"
    r"(?:我们|小铺|本店|店铺|店里|商家|卖家)(?:来)?(?:付|承担|出|负责)|\bfree\b|\bno charge\b|"
    r"\byou (?:don't|won't|do not|needn't) (?:have to )?pay\b|\b(?:won't|not) be charged\b|"
    r"\bcosts? nothing\b|"
    r"\bwe(?:'ll)? (?:pay|cover)\b|\bat our (?:cost|expense)\b|\bpaid by us\b",
    "include": r"除外|不在此列|\bexclud\w+|\bexempt\b|\bfinal sale\b|"
    r"包含|包括|含(?!量)有?|附带|支持|适用|参加|享受|接受|受理|\binclu\w+|\bsupport\w*|"
    r"\bappl(?:y|ies|ied)\b|"
    r"\baccept\w*|\bcover(?:s|ed)?\b|\beligible\b",
    "coupon": r"优惠券|代金券|券|\bcoupons?\b|\bvouchers?\b",
    "points": r"积分|\bpoints?\b",
    "invoice": r"发票|开票|\binvoices?\b",
    "warranty": r"保修|质保|\bwarrant\w+",
    "repair": r"维修|修理|\brepair\w*",
    "stock": r"库存|现货|\bstock\b",
    "fresh": r"生鲜|\bfresh\b|\bperishable\w*",
    "custom": r"定制|刻字|\bcustomi[sz]ed?\b|\bpersonali[sz]ed\b|\bengrav\w+",
    "unpack": r"拆封|开封|拆开|开箱|\bopen(?:ed|ing)?\b|\bunseal\w*",
    "wash": r"清洗|水洗|机洗|手洗|洗|\bwash\w*",
    "review": r"审核|核对|复核|\breview\w*|\bcheck(?:ed|s)?\b",
    "automatic": r"自动|\bautomatic\w*",
    "combine": r"叠加|同时使用|一起用|合并|\bcombin\w+|\bstack\w*|\btogether\b",
    "stand": r"转让|转赠|\btransfer\w*",
    "change": r"修改|更改|改(?!善|进)|\bchang\w+",
    "member": r"会员|\bmember\w*",
    "discount": r"折扣|优惠(?!券)|减免|\bdiscount\w*|\boff\b",
    "fault": r"质量问题|故障|瑕疵|破损|损坏|\bfault\w*|\bdefect\w*|\bbroken\b|\bdamag\w+",
    "customs": r"关税|进口税|\bimport (?:duty|tax)\w*|\bcustoms\b|\bduty\b",
    "intercept": r"拦截|追回|\bintercept\w*|\brecall\w*",
    "original": r"原路|\boriginal (?:payment )?(?:method|account|card)\b",
    "tax": r"税号|\btax number\b",
    "suit": r"适合|合适|\bsuit(?:s|able)?\b",
    "waterproof": r"防水|\bwater ?-?(?:proof|resistant)\b",
    "machine": r"洗碗机|\bdishwasher\b",
    "microwave": r"微波炉?|\bmicrowave\b",
    "need": r"需要?|必须|须|\bneeds?\b|\bmust\b|\brequire\w*|\bha(?:ve|s) to\b",
}
_NAMES = {f"m{number}": meaning for number, meaning in enumerate(_MEANINGS)}
_WORD = re.compile(
    "|".join(f"(?P<m{n}>{words})" for n, words in enumerate(_MEANINGS.values())), re.IGNORECASE
)


def concepts(text: str) -> list[tuple[int, str]]:
    """Each meaning with its place, marked as one: (0, "~refund")."""
    return [(match.start(), f"~{_NAMES[match.lastgroup or '']}") for match in _WORD.finditer(text)]
