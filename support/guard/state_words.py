"""The words for the states of orders, refunds and stock, in Chinese and in English.

Each comes with the stages that it leaves open (see `states`). `LEXICON` is read from its top: what stands
earlier takes its words from what stands later, so denials come before the words that they deny. The words are
those of the languages, not of any one shop; a wording that is missing is a claim that nobody checks.
"""

from __future__ import annotations

from typing import Literal

Thing = Literal["order", "refund", "stock"]
# A letter is a stage. Orders: Unpaid, Paid, in Transit, Out for delivery, Delivered, Failed to be delivered,
# cancelled (X), Refunded. Refunds: None asked for, in Question, Approved, Got by the customer, reJected.
# Stock: In, Few, None.

_NOT_ZH = r"(?:没有?|未|并未)(?:能|被|曾|有|再|完成|开始|成功|安排|在)?"
_NOT = (
    r"(?:\bnot|\b(?:is|are|was|were|has|have|had|did|does)n't|\bnever|\byet to|\bnothing has)"
    r"(?: yet| actually| even| so far| currently| be(?:en)?| have)*"
)
_IS = (
    r"(?:\b(?:has|have|had|was|were|is|are|been|be|got|gets|now|already|just)|'s|'ve|'re)"
    r"(?: already| now| just| all| been| both| since)*"
)
_PIECE = r"[件双条台只本盒袋个套把箱口片份张瓶罐包辆支块盆株]"
_DEPOT = r"(?:depot|hub|cent(?:re|er)|facility|warehouse|station)"
_ZH_DEPOT = r"(?:转运|分拨|集散|中转|分拣)(?:中心|站|场)|网点|站点"

# (thing, stages, words). What stands earlier takes its words from what stands later.
LEXICON: tuple[tuple[Thing, str, str], ...] = (
    # --- orders and parcels: denied ones first, since they hold the words of the others
    (
        "order",
        "UX",
        rf"待(?:付款|支付)|{_NOT_ZH}(?:付款|支付|付钱|付过?款|付清|结账|付)|等(?:待|着|您)*(?:付款|支付)|"
        rf"\bawaiting (?:your )?payment|\bunpaid\b|{_NOT} (?:paid(?! out| back)|settled)|"
        r"\bwaiting for (?:your |the )?payment|\bpayment (?:is )?(?:still )?(?:pending|outstanding|missing|"
        r"due)|"
        r"\bpending payment|\b(?:has|have)n't (?:received|had) (?:your |the |any )?payment",
    ),
    (
        "order",
        "UPXR",
        rf"{_NOT_ZH}(?:发货|发出|寄出|出库|揽收|发走|寄走|出仓|离开仓库|离仓|送出|交给快递|"
        rf"发(?=[,。;!吧呢]|$))|"
        r"待发货|等(?:待|着)?发货|"
        rf"{_NOT} (?:shipped|dispatched|despatched|sent(?: out| off)?(?! back)|left|leave|ship|posted|"
        rf"handed (?:over )?to(?! you)|"
        r"gone out(?! for)|set off|been collected)|"
        r"\bun(?:shipped|dispatched)\b|\bawaiting (?:dispatch|shipment|shipping)|\bwaiting to be (?:ship|"
        r"dispatch|sent)\w*|"
        rf"\b(?:still|sitting|currently) (?:in|at) (?:our|the) warehouse",
    ),
    (
        "order",
        "P",
        r"备货中|(?:正|还|仍)在(?:为您)?(?:打包|配货|备货|拣货|仓库)|"
        r"\bbeing (?:prepared|packed|picked|made ready)\b|\bgetting (?:it )?ready to ship",
    ),
    (
        "order",
        "UPT",
        rf"{_NOT_ZH}(?:派送|派件|配送|送货|上门|开始送)|等(?:待|着)(?:派送|派件)|"
        rf"{_NOT} (?:out for delivery|(?:out )?with (?:the|a) (?:courier|driver))",
    ),
    (
        "order",
        "UPTOFXR",
        rf"{_NOT_ZH}(?:签收|送达|送到|妥投|收到(?:货|包裹)|到货|投递)|"
        rf"{_NOT} (?:delivered|arrived|reached you|signed for(?! by you)|turned up|come yet)|\bundelivered\b",
    ),
    (
        "order",
        "F",
        r"退回(?:途中|中|件|寄件)|(?:正在|已经?)退回|拒收后|"
        r"\bon (?:its|the) way back to (?:us|the (?!payment|card)|our)|"
        r"派送(?:失败|时(?:没|无)人)|(?:投递|派送)未成功|(?:没|无)人(?:在家|签收|收)[^。;]{0,10}(?:带回|"
        r"退回|送回|拿回)|"
        r"(?:带回|送回|退回)(?:了)?(?:网点|站点|仓库|发件|寄件)|(?:已|被)(?:经)?拒收|"
        r"\b(?:nobody|no ?one) was (?:in|home|there)|\b(?:went|taken|brought|returned|gone) back to (?:the|"
        r"their|its|our|a) "
        rf"{_DEPOT}|\bdelivery (?:attempt )?(?:has )?failed|\breturned to (?:the )?sender|\bfailed delivery",
    ),
    (
        "order",
        "O",
        r"派送中|派件中|(?:正在?|已经?|开始|已在|就在|还在)(?:为您|给您)?(?:派送|派件|配送|送货|派)(?:中|"
        r"路上)?|"
        r"在(?:给您|为您)?(?:派送|派件|配送|送货)(?:的)?(?:路上|途中)?|"
        r"(?:快递员|骑手|司机|小哥)(?:正|已)(?:在)?[^。;,]{0,6}(?:送|派)|"
        r"\bout for delivery|\b(?:out )?with (?:the|a|your) (?:courier|driver)\b|\bon (?:the|"
        r"a) (?:delivery )?(?:van|truck)\b",
    ),
    (
        "order",
        "DR",
        r"(?:已经?|都|被|均已)(?:由.{1,12}?)?(?:签收|送达|送到|妥投|收货|投递|送货上门|收到)|(?:签收|送达|"
        r"送到|妥投)(?:了|成功|完成|过)|"
        r"\d\s*(?:分)?(?:就)?(?:签收|送达|送到)(?!后|前|之|时)|签收人|签收的(?:是|人)|"
        rf"{_IS} delivered|\bdelivered(?=:| on| at| by| to you|,|$|\.)|^\s*delivered\b|"
        rf"\b(?:has|have|'s|was|were|had) (?:already )?arrived\b(?! (?:at|in) (?:the |a |"
        rf"an )?(?:\w+ ){{0,3}}{_DEPOT})|"
        r"\bsigned for\b|\bhanded over(?! to)|\bhanded (?:over )?to (?:you|reception|a neighbour|your)\b|"
        r"\b(?:was|been|were) (?:left|dropped)(?: off)? (?:with|in|at)\b|"
        r"\bleft (?:with (?:your )?neighbour|in (?:a )?parcel locker)|"
        r"\b(?:came|arrived) on \d",
    ),
    (
        "order",
        "TF",
        rf"(?:停|滞留|卡|放|还|正|现在?)在[^。;,]{{0,12}}(?:{_ZH_DEPOT})|到(?:了|达|"
        rf"的)?[^。;,]{{0,6}}(?:{_ZH_DEPOT})|(?:{_ZH_DEPOT})\S{{0,6}}到达|"
        rf"{_DEPOT}:? arrived|"
        rf"\b(?:sitting|waiting|held|stuck|resting|is|are|arrived|reached)(?: up)?(?: (?:at|in))? (?:the |"
        rf"a |our )?(?:\w+ ){{0,3}}(?:depot|hub|sorting|cent(?:re|er)\b|facility)",
    ),
    (
        "order",
        "TO",
        r"运输中|运送中|在途|(?:还|正|已经?|都|就|仍)*在[^。;,]{0,8}(?:路上|途中|运输|转运|中转|赶来)|"
        r"正(?:往|向)[^。;,]{0,8}(?:送|运|赶|发)|"
        r"\bin transit\b|\bon (?:its|their|the) (?:way|road|move)\b(?! back)|\ben route\b|\btravelling\b|"
        r"\bmaking (?:its|their) way",
    ),
    (
        "order",
        "TODFR",
        r"(?:已经?|刚刚?|都|均已|早就)(?:从[^。;,]{1,8})?(?:被|由[^。;,]{1,6})?(?:为您|给您|帮您)?(?:发货|"
        r"发出|寄出|出库|揽收|离开|发走|寄走|发往|发车|出仓|交给)|"
        r"(?:发货|发出|寄出|出库|揽收|寄走|发走|发出去|寄出去)了|"
        rf"{_IS} (?:shipped|dispatched|despatched|sent (?:out|off)|sent(?=[,.;]|$| on)|posted|handed to|"
        rf"collected by|picked up by)|"
        rf"\b(?:has|had|'s|parcel|order)(?: already| just)? left\b(?= our| the| on\b| at\b| from|,|\.|$)|"
        rf"\bwe(?:'ve| have)? (?:already )?(?:shipped|dispatched)\b|"
        r"\bshipped(?= on| at| by| from|,|$|\.)|\bdispatched(?= on| at| by| from|,|$|\.)",
    ),
    ("order", "UPTODFR", rf"{_NOT_ZH}取消|取消(?:失败|不成)|{_NOT} cancell?ed"),
    (
        "order",
        "XR",
        r"(?:已经?|都|均已)(?:被|为您|帮您|给您|自动|全部|成功)*(?:取消|关闭)|取消(?:成功|掉了|好了|完成|"
        r"了)|自动关闭了|"
        rf"{_IS} (?:cancell?ed|called off)|\bcancell?ation (?:went|is|has|was)(?: gone| been)? (?:through|"
        rf"confirmed|complete\w*|done)|"
        r"^\s*cancell?ed\b|(?<=: )cancell?ed\b|\bwe(?:'ve| have)? cancell?ed",
    ),
    (
        "order",
        "D",
        r"已经?完成|交易(?:完成|成功)|\b(?:is|has been|was) complete(?:d)?\b|(?<=: )completed\b",
    ),
    (
        "order",
        "PTODFR",
        r"已经?(?:成功)?(?:付款|支付|付清|付好|付了|付过)|付(?:过|好|完)(?:款|钱)?了|付款成功|"
        r"收到(?:了)?您的(?:付款|款)|"
        rf"{_IS} paid(?! out| back)(?!(?<=you've paid) for)\b|\bpayment {_IS} (?:received|confirmed|"
        r"gone through|in)|"
        rf"\b(?:have|got|received) your payment|(?<=: )paid\b|^\s*paid\b(?=,|$)",
    ),
    # --- refunds and requests
    (
        "refund",
        "QJ",
        rf"(?:还|尚|仍|暂时)(?:没有?|未)(?:审核)?(?:通过|批准|批下来|批)|{_NOT} (?:approved|accepted|"
        rf"decided) (?:yet|so far)|n't yet been approved",
    ),
    (
        "refund",
        "J",
        rf"(?:没有?|未|不予)(?:能|被|获得?|有)?(?:审核)?(?:通过|批准|批下来|同意|批)|(?:被|已经?)(?:驳回|"
        rf"拒绝|拒了)|(?:驳回|拒绝)了|审核(?:不|没|未)通过|"
        rf"{_NOT} (?:approved|accepted|granted|successful)|\bturned down\b|{_IS} (?:refused|rejected|"
        rf"declined|denied|unsuccessful)|(?<=: )(?:refused|rejected)",
    ),
    (
        "refund",
        "Q",
        r"(?:审核|核对|复核|审批|审查)(?:之)?中|待(?:审核|核对)|(?:正在?|还在?|仍在?|在)(?:被|由|"
        r"等)?[^。;,内\d]{0,8}(?:审核|核对|复核|审批|审)(?!通过)|"
        r"等(?:待|着)?[^。;,]{0,8}(?:审核|审批)|(?:专员|同事)(?:正|还)?在(?:看|处理|核)|"
        r"\bbeing (?:reviewed|checked|looked at|assessed|examined|considered)|\b(?:under|in|pending|"
        r"awaiting) (?:review|consideration|approval)|"
        r"\b(?:is|are|now|currently|still) with (?:a|our|my|one of our) (?:colleague|team|staff|"
        r"specialist)s?|\bwaiting for (?:a |the )?(?:decision|review|approval)|"
        r"\bcolleague is (?:looking at|checking|reviewing)",
    ),
    (
        "refund",
        "NQJA",
        rf"{_NOT_ZH}(?:到账|收到(?:退款|钱))|{_NOT} (?:reached your|back (?:on|in) your|arrived (?:in|"
        rf"on) your)",
    ),
    (
        "refund",
        "NQJ",
        rf"{_NOT_ZH}(?:退款|退钱|退回|退还|退到|打款|退给|退(?=[,。;!吧呢]|$))|"
        rf"{_NOT} (?:refunded|paid out|paid back|released|returned to you|reimbursed)",
    ),
    (
        "refund",
        "G",
        r"(?:已经?|都)(?:成功)?到账|到账了|\b(?:is|has|been|'s)(?: already)? (?:back (?:on|in)|"
        r"arrived (?:in|on)|reached) your (?:card|account|bank|wallet)",
    ),
    (
        "refund",
        "AG",
        r"(?:已经?|当场|刚刚?|都)(?:获|被)?(?:审核)?(?:通过|批准|同意|批)(?![^,。;]{0,8}(?:认证|检测|质检|"
        r"标准))|审核(?:已经?)?通过|通过了(?:审核)?|批(?:下来|准)了|"
        r"已经?(?:全额|为您|给您|帮您|原路)*(?:退款|退回|退到|退还|退给|退了)|退款(?:已经?)?(?:成功|完成|"
        r"发起)|正在原路退|"
        rf"{_IS} (?:approved|granted|accepted)(?! automatically| for)|\b(?:refund|request|"
        rf"claim)\b[^.;,]{0, 30}\bwent through\b|(?<=, )approved\b|(?<=: )approved\b|"
        rf"{_IS} (?:fully )?(?:refunded|reimbursed|paid back|paid out|being refunded|being returned)|"
        rf"(?<=: )refunded\b|^\s*refunded\b|"
        r"\brefund (?:has|was|is)(?: been)? (?:completed|paid|sent|issued|processed|on its way)|\b(?:money|"
        r"refund|amount)\b[^.;,]{0,40}\b(?:on its|on the|heading|going) (?:way )?back\b",
    ),
    # --- stock
    (
        "stock",
        "IF",
        rf"[没不未](?:有|是|算|会)?(?:缺货|断货|售罄|卖完|脱销)|"
        rf"{_NOT} (?:all )?(?:sold out|out of stock|unavailable)",
    ),
    (
        "stock",
        "F",
        rf"(?:仅剩|只剩|还剩|剩下?|就剩|仅余|只余)(?:下|最后|了|有)*\s*(?:\d+|几|一|两)|(?:最后|仅有|只有|"
        rf"就)\s*(?:\d+|几|一|两)\s*{_PIECE}(?!装)|"
        r"库存(?:不多|紧张|有限)|所剩无几|快(?:没了|卖完|卖光|断货|售罄)|"
        r"\bonly (?:\d+|one|a few|a couple)(?: of \w+| \w+)? (?:left|remaining|in stock)|"
        r"\b\d+(?: (?!and\b)\w+)? (?:left|remaining)\b|"
        r"\b(?:a )?few (?:left|remaining|of those)|\blast (?:one|few|pair|piece|\d+ (?:pairs|pieces|units|"
        r"copies|boxes|sets))\b|\bone last\b|\b(?:nearly|almost) (?:gone|sold out)|\brunning (?:low|out)|"
        r"\blow (?:stock|in stock)",
    ),
    (
        "stock",
        "N",
        r"(?:不能|不可以|不可|无法|没法)(?:再|直接)?(?:买|下单|拍(?!照)|订)|\bcan(?:not|'t) be (?:bought|"
        r"ordered)|缺货|无货|没货|没有货|售罄|断货|断码|缺码|暂缺|脱销|卖(?:完|光|断)|抢光|没有?现货|"
        r"(?<!有)没有?库存|无现货|"
        r"(?:暂时|目前|现在|都|已经|已)(?:没有?了|没了)|买不到|拍不了|下不了单|(?:要|得|"
        r"需)等[^。;,]{0,6}(?:补货|到货)|库存\s*[:为是]?\s*0(?![\d.])|"
        rf"\bout of stock|\bsold out|\bunavailable|{_NOT} (?:in stock|available|for sale|to be had)|"
        r"\b(?:is|are|all|'s|been|have|has) gone\b|\brun out|\bran out|\bnone (?:left|remaining)|"
        r"\bno longer (?:available|in stock)|"
        r"\b(?:currently|temporarily|are|is) out of (?!stock)|\bno (?:more )?stock\b|\bstock:? 0\b|"
        r"\bback-?order",
    ),
    (
        "stock",
        "IF",
        r"有货|有现货|现货|有库存|库存(?:充足|足够?|还?有|\s*[:为是]?\s*[1-9])|货(?:很|都)?(?:充足|足|够)|"
        r"(?:能|可以)(?:直接|随时|马上|现在)*(?:下单|拍下|拍(?!照)|买到|买(?=[,。;!]|$))(?!的)|在售|在卖|"
        r"\bin stock\b|\bavailable\b(?! (?:for|from|to|until|in the|at the checkout))|\bcan be (?:ordered|"
        r"bought)|\bready to order|\bwell stocked|\bplenty of (?:the|them|it|those)|"
        r"\bback on sale|\bstock:? [1-9]",
    ),
)
