"""Which numbers are covered, which are spared, and that a covered one cannot be made out."""

import pytest
from PIL import Image, ImageDraw

from support.vision.layout import TextLine
from support.vision.sensitive import blurred, find, masked

# Made up; the check digits are right. Nobody's region, birthday or bank is meant.
ID_CARD, BANK_CARD, MOBILE = "11010519491231002X", "6222021001116245702", "13812345678"


def at(text: str, left: int = 0, top: int = 0) -> TextLine:
    return TextLine(text, (left, top, left + 18 * len(text), top + 30), 0.99)


def kinds(*lines: TextLine, exempt: tuple[str, ...] = ()) -> list[str]:
    return sorted(finding.kind for finding in find(lines, exempt))


def covered(*lines: TextLine) -> list[str]:
    return [line.text for line in masked(lines, find(lines))]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ID_CARD, "id_card"),
        ("身份证 110105 19491231 002x", "id_card"),
        ("110105194912310O2X", "id_card"),
        (BANK_CARD, "bank_card"),
        ("6222 0210 0111 6245 702", "bank_card"),
        ("4111-1111-1111-1111", "bank_card"),
        (MOBILE, "phone"),
        ("我的电话是13812345678，谢谢", "phone"),
        ("号码 138 1234 5678", "phone"),
        ("138-1234-5678", "phone"),
        ("+86 13812345678", "phone"),
        ("8613812345678", "phone"),
        ("１３８１２３４５６７８", "phone"),
        ("l38l2345678", "phone"),
    ],
)
def test_numbers_are_found_by_their_form(text: str, kind: str) -> None:
    assert kinds(at(text)) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "订单编号 6203847501926",
        "2024051700321",
        "110105194912310021",  # wrong check digit
        "110105199913310021",  # no such month
        "6222021001116245704",  # fails Luhn
        "0000000000000000",
        "12812345678",  # no mobile number starts like this
        "2026-05-19 14:32:10",
        "¥1,381.23",
        "SF1381234567890",
        "138****5678",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert kinds(at(text)) == []


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([at("Tel: +44 7700 900123")], "phone"),
        ([at("Phone (415) 555-0132")], "phone"),
        ([at("联系电话：0571-88886666")], "phone"),
        ([at("Mobile"), at("+1 415 555 0132", left=400)], "phone"),
        ([at("联系方式"), at("021 6888 8888", top=40)], "phone"),
        ([at("卡号 6222 0210 0111 6245 704")], "bank_card"),
        ([at("身份证号码"), at("110105194912310021", left=300)], "id_card"),
    ],
)
def test_a_label_makes_up_for_a_form_or_a_check_digit(lines: list[TextLine], kind: str) -> None:
    assert kind in kinds(*lines)


def test_a_number_printed_in_groups_is_found_across_boxes() -> None:
    groups = [at("6222", 0), at("0210", 90), at("0111", 180), at("6245702", 270)]
    assert covered(*groups) == ["****", "****", "****", "*******"]


def test_sums_that_stand_far_apart_are_no_card() -> None:
    assert kinds(at("6222", 0), at("0210", 300), at("0111", 600), at("6245702", 900)) == []


def test_a_labelled_order_number_is_exempt_even_if_it_passes_a_check() -> None:
    line = at(f"订单编号 {BANK_CARD}")
    assert kinds(line) == ["bank_card"]
    assert kinds(line, exempt=(BANK_CARD,)) == []
    assert kinds(at("Order no. 13812345678"), exempt=("13812345678",)) == []


def test_an_exemption_spares_only_its_own_number() -> None:
    assert kinds(at(f"订单编号 {BANK_CARD}"), at(MOBILE, top=50), exempt=(BANK_CARD,)) == ["phone"]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("收件人：欧阳静怡", "收件人：****"),
        ("浙江省杭州市西湖区文三路12号3幢201室", "*********************"),
        ("Ship to: 221B Baker Street, London NW1 6XE", "Ship to: **** ***** ******, ****** *** ***"),
        ("ouyang@qq.com", "******@**.***"),
        ("沪A8K2P6", "*******"),
    ],
)
def test_names_addresses_and_plates_on_a_label_are_covered(line: str, kept: str) -> None:
    assert covered(at(line)) == [kept]


@pytest.mark.parametrize(
    "line",
    [
        "实付款 ¥159.00",
        "304不锈钢电热水壶（米白） ×1",
        "中通快递 已签收",
        "Order placed May 19",
        "Total $42.00",
    ],
)
def test_what_an_orders_page_says_stays(line: str) -> None:
    assert covered(at(line)) == [line]


def test_masking_hides_the_number_and_nothing_else() -> None:
    assert covered(at("收货人 张三 138 1234 5678 浙江省")) == ["收货人 ** *** **** **** 浙江省"]
    assert covered(at(f"证件 {ID_CARD} 有效")) == ["证件 ****************** 有效"]


def test_a_blurred_number_is_a_smear_and_the_rest_is_untouched() -> None:
    image = Image.new("RGB", (500, 200), "white")
    draw = ImageDraw.Draw(image)
    draw.text((20, 20), BANK_CARD, fill="black", font_size=30)
    draw.text((20, 120), "6203847501926", fill="black", font_size=30)
    smeared = blurred(image, [(20, 20, 330, 55)])
    shades = [level for level, n in enumerate(smeared.crop((20, 20, 330, 55)).convert("L").histogram()) if n]
    assert shades[-1] - shades[0] < 40, "strokes of digits differ from the paper by 255"
    below = (0, 100, 500, 200)
    assert smeared.crop(below).tobytes() == image.crop(below).tobytes()
    assert image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("box", [(-10, -10, 5, 5), (490, 190, 900, 400), (600, 600, 700, 650), (5, 5, 5, 5)])
def test_boxes_may_lie_over_the_edge(box: tuple[int, int, int, int]) -> None:
    assert blurred(Image.new("RGB", (500, 200), "white"), [box]).size == (500, 200)
