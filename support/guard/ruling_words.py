"""The words by which a shop's rules rule, in Chinese and in English: on what, and with which sign.

`LEXICON` is read from its top: what stands earlier takes its words from what stands later. "goes" is what may
be done or holds, "part" what comes with an article, "asked" what is asked of the customer, "free" what costs
the customer nothing.
"""

from __future__ import annotations

from typing import Literal

Question = Literal["goes", "part", "asked", "free"]

_WE = r"(?:我们|我方|小铺|本店|店铺|店里|店家|商家|卖家|平台)"
_YOU = r"(?:您|你|顾客|买家|客户|用户|收件人|自己|自行|本人)"
# (question, sign, words).
LEXICON: tuple[tuple[Question, int, str], ...] = (
    ("free", -1, r"\bwe (?:do not|don't|won't|will not|cannot|can't) (?:also )?(?:pay|cover|bear)\b"),
    ("free", 1, r"\byou (?:do not|don't|won't|will not|needn't) (?:have to |need to )?(?:pay|cover|bear)\b"),
    (
        "free",
        1,
        rf"免费|包邮(?!的?订单|的?单|门槛|的?线)|免(?:除|收|去|掉)?(?:运|邮|配送|服务|手续|上门|安装)费?|免收|由?{_WE}(?:来|会|"
        rf"都)*(?:承担|付|出(?![货库售发具示])|负责|报销)|"
        r"\bfree\b(?! time| to\b|ly)|\bno (?:extra |additional |further )?(?:charge|cost|fee)s?\b|"
        r"\bon (?:us|the house)\b|"
        r"\bwe(?:'ll| will)? (?:also )?(?:pay|cover|bear)\b|\bat our (?:own )?(?:cost|expense)|"
        r"\bcosts? nothing|\bpaid by us\b|\bprepaid\b|\bwaived\b",
    ),
    (
        "free",
        -1,
        rf"收费|付费|自费|另付|另收|加收|收取|要收|自付|由?{_YOU}(?:自己|自行|来|得|要|需|需要|先)*(?:付|"
        rf"承担|出(?=\s*(?:[,。;!了]|$))|负责|垫付)|"
        rf"\bcharged\b(?! back)|\byou(?:'ll| will|'d)?(?: have to| need to| must)? (?:pay|cover|bear)\b|"
        rf"\bat your (?:own )?(?:cost|expense)|\bpaid by you\b",
    ),
    (
        "asked",
        1,
        r"需要|必须|务必|须(?!知)|需(?!求)|要(?=先|求|凭|提供|填|带|等|预约|登记|审核|寄回|上传)|"
        r"\bmust\b|\bneeds?(?: to)?\b|\bneeded\b|\bha(?:ve|s) to\b|\brequired?s?\b|\bnecessary\b",
    ),
    (
        "asked",
        -1,
        r"无需|无须|不必|不用|免(?=填|预约|押金|登记|审核)|\bneedn't\b|\bno need\b|\bwithout having to\b",
    ),
    (
        "part",
        -1,
        r"另(?:购|买|配|售)|单(?:买|购|独购买)|\bsold separately|\bseparately\b|\boptional extra|"
        r"\bextra purchase",
    ),
    (
        "part",
        1,
        r"包含|包括|含(?!量)|附带|附赠|随附|自带|标配|\binclu\w+|\bcomes? with\b|\bpart of\b|\bin the box\b",
    ),
    (
        "goes",
        -1,
        r"\bcan(?:not|'t| not)\b|\bmay not\b|\bwon't\b|\bwill not\b|"
        r"除外|无法|没法|没办法|谢绝|拒绝(?!收|签)|禁止|严禁|切勿|请勿|不了(?!解)|来不及|作废|失效|恕不|概不|"
        r"\bunable\b|\bimpossible\b|\btoo late\b|\bexclud\w+|\bexempt\b|\bleft out\b|\bprohibit\w*|"
        r"\bforbid\w*|\bno longer\b|"
        r"\brefuse(?:s|d)? to\b|\bfinal sale\b|\bvoid\b",
    ),
    (
        "goes",
        1,
        r"(?:^|\b(?:and|or|please|then|just) )(?:swap|send|return|contact|ask|choose|exchange|cancel|"
        r"refuse|tell|call|bring|hand|drop|let|pick|apply|keep)\b|"
        r"请(?![问稍勿别]|注意|放心|不要|求)|可以|能够?(?![力量源效耗])|"
        r"可(?![能爱见靠乐惜是口怕信视控折调])|支持|接受|受理|允许|"
        r"行(?=[,。;!的了]|$)|没问题|参加|参与|享受?|适用|办理|提供(?!的)|予以?|退(?=[,。;!了]|$)|"
        r"算在内|计入|在[^,。;]{0,10}(?:范围|之内|其中|在内|保修)|属于(?=.{0,6}范围)|涵盖|叠加|合并|"
        r"\bcan\b|\bmay\b(?! \d)|\bable to\b|\bpossible\b|\ballow\w*|\beligible\b|\baccept\w*|"
        r"\bsupport(?:s|ed)?\b|\bfine\b|\bwelcome to\b|\bsuitable\b|"
        r"\bcover(?:s|ed)\b|\bappl(?:y|ies|ied)\b|\bcounts?\b|\bextends? to\b|\brefund(?:ed|able)\b|"
        r"\breturnable\b|\btransferable\b",
    ),
)
