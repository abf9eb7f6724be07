"""What customers ask about goods, in both languages, answered from the demo shop's catalogue without any I/O.

Each row: the question, the products under discussion, the kind of answer, the products it is about ("…" for
further ones), and what the text must say.
"""

from __future__ import annotations

from functools import cache

import pytest

from demo import catalogue
from support.model import Language, Money, Product, Sku
from support.products import replies
from support.products.plan import Plan, decide, recognise
from support.products.query import read
from support.products.shelf import Shelf

Row = tuple[str, str, str, str, tuple[str, ...]]


@cache
def shelf() -> Shelf:
    """The demo catalogue as the database gives it back."""
    return Shelf(_product(one) for one in catalogue.load().products)


def _product(one: catalogue.Product) -> Product:
    english = {
        name: getattr(one, name) for name in ("title_en", "category_en", "description_en", "attributes_en")
    }
    skus = tuple(
        Sku(sku.sku_id, one.product_id, sku.options, sku.options_en, Money(sku.price, "CNY"), sku.stock)
        for sku in one.skus
    )
    return Product(
        one.product_id, one.title, one.category, one.brand, one.description, one.attributes, "", english, skus
    )


def ask(text: str, about: str = "", *, printed: str = "", view: str = "") -> tuple[Plan, str]:
    """The plan and the words for it."""
    query, language = read(text), language_of(text)
    context = [entry for one in about.split() if (entry := shelf().get(one))]
    seen = recognise(shelf(), printed.split("|") if printed else [], view)
    plan = decide(shelf(), query, context, seen, pictured=bool(printed or view))
    products = [entry.product for entry in plan.entries]
    return plan, replies.compose(plan, query, products, plan.base.product if plan.base else None, language)


def language_of(text: str) -> Language:
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"


LOOKING: list[Row] = [
    # by name, brand, number, description
    ("亚麻方领连衣裙", "", "about", "P1001", ("¥169.00", "白色、米色、浅蓝", "S、M、L、XL")),
    ("linen square-neck dress", "", "about", "P1001", ("¥169.00", "White, Beige, Light blue")),
    ("P1005多少钱", "", "about", "P1005", ("¥399.00",)),
    ("p1005-01有货吗", "", "about", "P1005", ("黑色 S", "仅剩 5 件")),
    ("小黑裙", "", "about", "P1005", ("¥399.00",)),
    ("do you have the little black dress", "", "about", "P1005", ("Little black dress",)),
    ("牛津衬衫", "", "about", "P2001", ()),
    ("三德刀开刃了吗", "", "about", "P4007", ("开刃",)),
    ("SEAHE的裙子", "", "list", "P1008 P1001 P1002 P1015", ()),
    ("栖禾的开衫", "", "about", "P1006", ()),
    ("北屿 帐篷", "", "about", "P6001", ("¥499.00",)),
    ("女装有什么", "", "list", "…", ()),
    # everyday words both ways
    ("充电宝", "", "about", "P5005", ()),
    ("portable charger", "", "about", "P5005", ("20,000 mAh",)),
    ("trainers", "", "list", "P3001 P3004", ()),
    ("有运动鞋吗", "", "list", "P3001 P3004", ()),
    ("热水壶", "", "about", "P4001", ()),
    ("水壶", "", "list", "P6009 P4001", ()),
    ("kettle", "", "about", "P4001", ()),
    ("thermos", "", "about", "P4006", ()),
    ("买个锅", "", "list", "P4003 P4002", ()),
    ("do you sell umbrellas", "", "about", "P6013", ()),
    ("有没有dress", "", "list", "P1001 …", ()),
    ("手机壳", "", "about", "P5012", ()),
    ("手机", "", "about", "P5011", ()),
    # constraints
    ("200元以内的白色连衣裙", "", "list", "P1001 P1002 P1015", ("¥169.00（白色 M/L/XL）", "米白")),
    ("white dress under 200", "", "list", "P1001 P1002 P1015", ("White M/L/XL",)),
    ("两百块以下的鞋", "", "list", "P3012 P3008 P3003", ()),
    ("100-300的包", "", "list", "P3009 P3010 P3011", ()),
    ("between 100 and 200 for a kettle", "", "about", "P4001", ("¥159.00",)),
    ("shoes below ¥200", "", "list", "P3012 P3008 P3003", ()),
    ("给我看看连衣裙，黑色的，400以下", "", "list", "P1015 P1004 P1005", ("黑色 S/M/L",)),
    ("男士T恤 L码 白色", "", "about", "P2003", ("白色 L", "¥69.00", "有货")),
    ("白色M码的裙子", "", "list", "P1001 P1003 P1004 P1008 P1002", ("仅剩 3 件",)),
    ("纯棉的男士衬衫", "", "list", "P2001 P2002", ()),
    ("sneakers for women size 38 in white", "", "about", "P3001", ("White, 38", "¥239.00")),
    ("40升的背包", "", "about", "P6005", ()),
    ("40 L hiking pack", "", "about", "P6005", ()),
    ("20000毫安的充电宝", "", "about", "P5005", ()),
    ("防水的包", "", "list", "P3011 P6005", ()),
    ("waterproof jacket for men", "", "list", "P6006 P2010", ()),
    ("夏天穿的裙子", "", "list", "P1001 P1002 P1004", ()),
    ("适合约会穿的裙子，250以内", "", "list", "P1001 P1002 P1015", ()),
    ("有什么适合露营的", "", "list", "P6003 …", ()),
    ("something for camping under 150", "", "list", "P6003 …", ()),
    ("送女朋友的礼物 300以内", "", "list", "P4005 P4004 P1012", ()),
    ("羊毛的衣服", "", "list", "P2009 P2006 P1011 P1006", ()),
    ("有没有不是黑色的双肩包", "", "list", "P3011 P6005", ()),
    ("男鞋", "", "list", "P3005 …", ()),
    ("最便宜的连衣裙", "", "extreme", "P1001", ("最便宜的连衣裙是亚麻方领连衣裙", "¥169.00")),
    ("cheapest dress", "", "extreme", "P1001", ("cheapest dress", "¥169.00")),
    ("最便宜的紫色连衣裙", "", "extreme", "P1001", ("没有紫色的连衣裙", "最便宜的连衣裙是")),
    ("最贵的包", "", "extreme", "P6005", ("¥369.00",)),
    ("红轴键盘有货吗", "", "about", "P5008", ("红轴", "有货", "¥329.00")),
    # nothing fits it all
    ("200元以内紫色的连衣裙", "", "list", "P1001 P1002 P1015", ("200 元以内没有紫色的连衣裙", "最接近")),
    ("purple dress", "", "list", "P1001 …", ("No purple dress",)),
    ("dress under 100", "", "list", "P1001 …", ("No dress under 100", "¥169.00")),
    ("三百块左右的耳机", "", "list", "P5001 P5002", ("没有 300 元左右的耳机",)),
    ("100-200的双肩包", "", "about", "P3011", ("没有 100–200 元的双肩包", "¥279.00")),
    ("Any leather bags under $80?", "", "about", "P3010", ("CNY", "¥269.00")),
    ("粉色保温杯有吗", "", "about", "P4006", ("粉色", "缺货", "豆绿")),
    # not in this shop
    ("有血压计吗", "", "not_found", "", ("血压计",)),
    ("你家有卖6号螺丝刀吗", "", "not_found", "", ("螺丝刀",)),
    ("有没有适合送丈母娘的茶叶，预算三百上下", "", "not_found", "", ("茶叶",)),
    ("120块以内能买到什么样的钓鱼竿", "", "not_found", "", ()),
    ("想买个新手能养活的绿植放办公室，最好别超过五十块", "", "not_found", "", ()),
    ("how much is the big teapot", "", "not_found", "", ("teapot",)),
    ("is the oak shelf real wood or veneer", "", "not_found", "", ("shelf",)),
    ("kids shoes", "", "not_found", "", ("children",)),
    ("这个书架承重多少斤啊能放满书不", "", "not_found", "", ("书架",)),
    # no product, no wish
    ("这个有货吗", "", "which", "", ("哪一款",)),
    ("how much is it", "", "which", "", ("Which product",)),
    ("我170 60公斤穿什么码", "", "which", "", ()),
    ("这条有没有加长的", "", "which", "", ()),
    ("补货大概啥时候", "", "which", "", ()),
    ("推荐一下", "", "what", "", ("种类",)),
    ("can you recommend something", "", "what", "", ()),
]
ASKING: list[Row] = [
    # a product found by the question itself
    ("亚麻连衣裙多少钱", "", "about", "P1001", ("¥169.00",)),
    ("how much is the linen dress", "", "about", "P1001", ("¥169.00",)),
    ("充电宝能带上飞机吗，多少毫安的", "", "about", "P5005", ("可以带上飞机", "20000毫安时")),
    ("is the linen dress machine washable", "", "about", "P1001", ("Gentle machine wash",)),
    ("羊毛大衣是纯羊毛的吗", "", "about", "P1011", ("90%羊毛、10%羊绒",)),
    ("保温杯能保温多久", "", "about", "P4006", ("12小时",)),
    ("blender how loud is it", "", "about", "P4010", ("60 dB",)),
    ("what colours does the hoodie come in", "", "about", "P2007", ("Grey, Black, Dark green",)),
    ("do you have running shoes in size 42", "", "about", "P3004", ("42 in stock",)),
    ("white sneakers size 43", "", "about", "P3001", ("out of stock",)),
    ("256G的平板多少钱", "", "about", "P5010", ("¥1,899.00",)),
    ("手表定位版多少钱", "", "about", "P5003", ("¥599.00",)),
    ("马克杯两只装的有吗", "", "about", "P4005", ("¥89.00", "米白：两只装 有货")),
    ("跑鞋偏码吗", "", "about", "P3004", ("偏小半码",)),
    ("这帐篷几个人能睡得下，防雨不", "", "about", "P6001", ("三人", "3000毫米")),
    # what was shown before
    ("多少钱", "P1001", "about", "P1001", ("¥169.00",)),
    ("how much is it", "P1001", "about", "P1001", ("¥169.00",)),
    ("第二个多少钱", "P1001 P1015 P1002", "about", "P1015", ("¥199.00",)),
    ("the last one, how much", "P1001 P1015 P1002", "about", "P1002", ("¥189.00",)),
    ("这款有黑色M码吗", "P1005", "about", "P1005", ("有的", "黑色 M", "¥399.00")),
    ("这款有黑色M码吗", "P1001", "about", "P1001", ("没有您说的颜色", "白色、米色、浅蓝")),
    ("do you have this in purple", "P1001", "about", "P1001", ("not available in that colour", "White")),
    ("白色S还有吗", "P1001", "about", "P1001", ("缺货", "M、L 有货", "XL 仅剩 4 件")),
    ("还有货吗", "P1001", "about", "P1001", ("S 缺货", "XL 仅剩 4 件")),
    ("is it in stock", "P4012", "about", "P4012", ("White in stock", "Black out of stock")),
    ("那双鞋还有39码的吗", "P3001", "about", "P3001", ("白色 39", "有货")),
    ("灰色那款还有现货吗", "P3011", "about", "P3011", ("深灰", "有货")),
    ("what sizes does it come in", "P1001", "about", "P1001", ("S, M, L, XL",)),
    ("有什么颜色", "P5004", "about", "P5004", ("雾蓝、黑色、红色",)),
    ("它防水吗", "P3011", "about", "P3011", ("防泼水",)),
    ("is the second one waterproof", "P5001 P5004", "about", "P5004", ("IPX7",)),
    ("什么材质", "P1009", "about", "P1009", ("100%桑蚕丝",)),
    ("请问羊毛含量多少呀", "P1006", "about", "P1006", ("20%羊毛",)),
    ("是真皮的还是PU", "P3010", "about", "P3010", ("牛皮",)),
    ("能机洗吗", "P1015", "about", "P1015", ("轻柔机洗",)),
    ("这个锅电磁炉能用不", "P4003", "about", "P4003", ("电磁通用",)),
    ("有口袋吗", "P1001", "about", "P1001", ("两侧有口袋",)),
    ("does it have pockets", "P1001", "about", "P1001", ("pockets on both sides",)),
    ("can I take it on a plane", "P5005", "about", "P5005", ("cabin",)),
    ("保修多久", "P5001", "about", "P5001", ("一年",)),
    ("这个多重", "P5002", "about", "P5002", ("254克",)),
    ("什么牌子的", "P5002", "about", "P5002", ("声野",)),
    ("保修多久", "P1001", "about", "P1001", ("没有写这一点",)),
    ("does it have bluetooth", "P4001", "about", "P4001", ("don't say",)),
    ("它能测血压吗", "P5003", "about", "P5003", ("没有写这一点",)),
    ("装起来难不难", "P6001", "about", "P6001", ("没有写这一点",)),
    ("這條裙子多少錢", "P1001", "about", "P1001", ("¥169.00",)),
    ("那件呢", "P1001", "about", "P1001", ("¥169.00", "有货")),
    ("能便宜点不", "P1001", "about", "P1001", ("¥169.00", "没有查到别的优惠")),
    ("什么时候补货", "P1004", "about", "P1004", ("补货时间",)),
    ("红色的有吗", "P6008 P6010", "about", "P6008 P6010", ("便携卡式炉（红色）：¥159.00，缺货", "有货")),
    ("both of them, how much", "P5001 P5004", "about", "P5001 P5004", ("¥399.00", "¥199.00")),
    ("裙子多少钱", "P3001 P1001", "about", "P1001", ("¥169.00",)),
    ("那帐篷多少钱", "P1001", "about", "P6001", ("¥499.00",)),
    # another one
    ("有没有便宜点的", "P1005", "list", "P1001 P1002 P1015 …", ("更便宜的",)),
    ("show me something cheaper", "P3006", "list", "P3012 P3008 …", ()),
    ("有更便宜的吗", "P6001", "no_more", "P6001", ("¥499.00",)),
    ("还有别的吗", "P1001", "list", "P1002 …", ()),
    ("有150以内的吗", "P1001", "list", "P1001 …", ("没有",)),
    # sizes
    ("我170 60公斤穿什么码", "P1001", "about", "P1001", ("建议选 L 码", "白色 L", "尺码表")),
    ("im 5'4 and 130lbs, small or medium?", "P1001", "about", "P1001", ("you would take L",)),
    ("175/140斤，肩膀宽，买L会不会紧", "P2002", "about", "P2002", ("L、XL", "修身")),
    ("腰围二尺三穿几码", "P2004", "about", "P2004", ("建议选 30 码",)),
    ("脚长24.5厘米穿几码", "P3001", "about", "P3001", ("建议选 39 码",)),
    ("平时穿38的鞋 这款要拍大一码吗", "P3004", "about", "P3004", ("建议选大一码", "240 mm")),
    ("身高150体重40公斤穿什么码", "P1001", "about", "P1001", ("没有对应的码",)),
    ("身高170 60公斤穿什么码", "P1012", "about", "P1012", ("不分尺码",)),
    # comparison
    ("这两个有什么区别", "P5001 P5002", "compare", "P5001 P5002", ("¥399.00", "¥699.00", "续航")),
    ("compare the first two", "P5001 P5002 P5003", "compare", "P5001 P5002", ("Battery",)),
    ("第一个和第三个哪个好", "P5001 P5002 P5004", "compare", "P5001 P5004", ()),
    ("对比一下亚麻连衣裙和针织连衣裙", "", "compare", "P1001 P1015", ("55%亚麻", "秋冬")),
    ("which is cheaper, the linen dress or the satin dress", "", "compare", "P1001 P1004", ("costs less",)),
    ("牛仔外套和西装外套哪个便宜", "", "compare", "P1007 P1014", ("短款牛仔外套更便宜",)),
    ("这两款耳机哪个降噪好一点", "", "compare", "P5001 P5002", ("降噪",)),
    ("那款399和699的差在哪", "P5001 P5002 P5004", "compare", "P5001 P5002", ()),
    ("which one is lighter", "P5001 P5002", "compare", "P5001 P5002", ("Weight: 1) not said; 2) 254 g",)),
    # pairing
    ("what goes with it", "P1001", "pairing", "P1006 P3001 P3008 P6011", ()),
    ("这件衬衫配什么裤子", "P2001", "pairing", "P2005 P2004", ()),
    ("有搭配的鞋吗", "P1001", "pairing", "P3001 P3008 …", ()),
    ("亚麻连衣裙配什么鞋", "", "pairing", "P3001 P3008 …", ()),
    ("what shoes go with the shirt dress", "", "pairing", "P3002", ()),
    ("配这条墨绿半裙穿啥上衣好看，你们家有没", "", "pairing", "P1006 P1009 P1013", ()),
    ("白色连衣裙怎么搭", "", "pairing", "P1006 …", ("比如",)),
    ("怎么搭配好看", "", "which", "", ()),
]


@pytest.mark.parametrize(("text", "about", "kind", "products", "says"), LOOKING + ASKING)
def test_answers(text: str, about: str, kind: str, products: str, says: tuple[str, ...]) -> None:
    plan, said = ask(text, about)
    got = [entry.product.product_id for entry in plan.entries]
    wanted = products.replace("…", "").split()
    assert plan.kind == kind, said
    if products.endswith("…"):
        assert got[: len(wanted)] == wanted and len(got) > len(wanted), said
    else:
        assert got == wanted, said
    for phrase in says:
        assert phrase in said


@pytest.mark.parametrize("text", [row[0] for row in LOOKING + ASKING])
def test_suggests_only_what_is_in_stock_and_at_most_five(text: str) -> None:
    plan, _ = ask(text)
    assert len(plan.entries) <= 5
    if plan.kind == "list":
        assert all(entry.product.stock for entry in plan.entries)


def test_a_stock_above_five_is_never_a_number() -> None:
    _, said = ask("还有货吗", "P5005")
    assert "52" not in said and "37" not in said


# --- pictures --------------------------------------------------------------------------------------
def test_a_title_read_from_a_picture_identifies_the_product() -> None:
    plan, said = ask("这个还有货吗", "P1001", printed="促销|304不锈钢电热水壶|¥159")
    assert [entry.product.product_id for entry in plan.entries] == ["P4001"]
    assert "有货" in said


def test_a_title_read_with_a_mistake_identifies_it_too() -> None:
    plan, _ = ask("how much", printed="Stainless steel eIectric kettle 1.7L|free delivery")
    assert [entry.product.product_id for entry in plan.entries] == ["P4001"]


def test_what_the_model_saw_is_searched_for() -> None:
    plan, said = ask("这条多少钱", view="a white linen dress with a square neck")
    assert [entry.product.product_id for entry in plan.entries] == ["P1001"]
    assert "¥169.00" in said


def test_a_picture_of_what_the_shop_has_not_is_said_so() -> None:
    plan, said = ask("这个有吗", view="a red garden gnome")
    assert plan.kind == "not_found"
    assert "图片" in said
