"""The parts of an order page: each writes one part at the page's cursor and moves the cursor below it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from PIL import Image

from demo.catalogue import Product
from demo.draw.products import picture
from demo.orders import Line, Order
from demo.screens.page import WIDTH, Page
from demo.screens.theme import Wording


@dataclass(frozen=True)
class View:
    """What a screenshot shows of an order. `total` and `status` are the record's, unless tampered with."""

    order: Order
    wording: Wording
    total: int
    status: str
    suggested: tuple[Product, ...] = ()
    clock: str = "9:41"
    battery: float = 0.7
    masked: bool = True

    @property
    def chinese(self) -> bool:
        return self.wording.language == "zh"

    @property
    def status_text(self) -> str:
        return self.wording.states[self.status]


Section = Callable[[Page, View], None]


def status_bar(page: Page, view: View, colour: str = "") -> None:
    """The phone's own line: time, signal, battery."""
    ink = colour or page.theme.ink
    page.write(22, 15, view.clock, 13, colour=ink, weight="Bold")
    for bar in range(4):
        page.box(296 + bar * 5, 19 - bar * 2.6, 299 + bar * 5, 21, ink, r=0.6)
    page.write(324, 15.5, "5G", 10.5, colour=ink, weight="Bold")
    page.box(342, 9.5, 362, 20.5, r=3, edge=ink)
    page.box(344, 11.5, 344 + 16 * view.battery, 18.5, ink, r=1.5)
    page.y = 30


def title_bar(page: Page, view: View) -> None:
    status_bar(page, view)
    _title(page, view, page.theme.ink)


def mini_program_bar(page: Page, view: View) -> None:
    """A mini program's bar, with its capsule on the right."""
    title_bar(page, view)
    page.box(286, 35, 362, 63, page.theme.card, r=14, edge=page.theme.rule)
    for dot in (300, 306, 312):
        page.box(dot - 1.5, 47.5, dot + 1.5, 50.5, page.theme.ink, r=1.5)
    page.box(337, 42, 351, 56, r=7, edge=page.theme.ink)


def band(page: Page, view: View) -> None:
    """The accent-coloured top with the state in large letters."""
    page.box(0, 0, WIDTH, 152, page.theme.accent)
    status_bar(page, view, "#ffffff")
    _title(page, view, "#ffffff")
    page.write(26, 94, view.status_text, 21, colour="#ffffff", weight="Bold")
    page.write(26, 120, _promise(view), 12, colour="#ffffff", room=WIDTH - 60)
    page.y = 140


def headline(page: Page, view: View) -> None:
    """The state in plain letters, and how far the order has come as a line of dots."""
    page.write(24, page.y + 22, view.status_text, 20, weight="Bold", colour=page.theme.accent)
    page.write(24, page.y + 46, _promise(view), 12, colour=page.theme.muted, room=WIDTH - 60)
    reached = {"unpaid": 1, "paid": 2, "shipped": 3, "cancelled": 1}.get(view.status, 4)
    for step in range(4):
        x = 40 + step * 98
        colour = page.theme.accent if step < reached else page.theme.rule
        if step < 3:
            page.box(x, page.y + 69, x + 98, page.y + 71, page.theme.accent if step + 1 < reached else page.theme.rule)
        page.box(x - 5, page.y + 65, x + 5, page.y + 75, colour, r=5)
    page.y += 88


def parcel(page: Page, view: View) -> None:
    """The latest word of the carrier, with the tracking number; nothing before there is a parcel."""
    found = view.order.parcel
    if found is None:
        return
    at, text = found.events[-1]
    with page.card(86):
        page.write(26, page.y + 20, text, 13, room=WIDTH - 52, colour=page.theme.accent)
        page.write(26, page.y + 42, page.theme.date(at), 11.5, colour=page.theme.muted)
        name = found.carrier_in(view.wording.language)
        page.write(26, page.y + 66, f"{name}  {view.wording.tracking} {found.tracking_no}", 12, colour=page.theme.muted)


def timeline(page: Page, view: View) -> None:
    """All words of the carrier, the newest first."""
    found = view.order.parcel
    if found is None:
        return
    events = found.events[::-1][:4]
    with page.card(38 + 42 * len(events)):
        page.row(view.wording.tracking, found.tracking_no)
        for number, (at, text) in enumerate(events):
            page.box(27, page.y + 8, 33, page.y + 14, page.theme.accent if not number else page.theme.rule, r=3)
            page.write(44, page.y + 11, text, 12.5, room=WIDTH - 74)
            page.write(44, page.y + 28, page.theme.date(at), 11, colour=page.theme.muted)
            page.y += 42


def address(page: Page, view: View) -> None:
    customer = view.order.customer
    phone = f"{customer.phone[:3]}****{customer.phone[-4:]}" if view.masked else customer.phone
    with page.card(64):
        page.write(26, page.y + 20, f"{customer.name}  {phone}", 13.5, weight="Bold")
        page.write(26, page.y + 44, customer.address, 12, colour=page.theme.muted, room=WIDTH - 52)


def items(page: Page, view: View) -> None:
    with page.card(40 + 88 * len(view.order.lines)):
        _brand(page, view)
        page.y += 36
        for line in view.order.lines:
            _item(page, view, line)


def amounts(page: Page, view: View) -> None:
    order, words, theme = view.order, view.wording, page.theme
    rows = [(words.goods, order.goods), (words.shipping, order.shipping_fee)]
    if order.discount:
        rows.append((words.discount, -order.discount))
    with page.card(28 * len(rows) + 46):
        page.y += 6
        for label, fen in rows:
            page.row(label, theme.amount(fen))
        page.rule(page.y + 2)
        page.y += 4
        page.row(words.total, theme.amount(view.total), strong=True, colour=theme.accent)


def details(page: Page, view: View) -> None:
    """Numbers and dates: the order's own among others that look like it."""
    order, words, theme = view.order, view.wording, page.theme
    rows = [(words.placed, theme.date(order.dates.placed))]
    if order.dates.paid:
        rows.append((words.paid, theme.date(order.dates.paid)))
        rows.append((words.transaction, transaction_no(order)))
        rows.append(("支付方式" if view.chinese else "Payment", words.payment[order.payment]))
    with page.card(28 * len(rows) + 40):
        page.y += 6
        page.row(words.order_id, order.order_id, after=words.copy)
        for label, value in rows:
            page.row(label, value)


def number_on_top(page: Page, view: View) -> None:
    """Order number and date as a heading, as English shops have it."""
    mark = "#" if not view.chinese else ""
    page.write(24, page.y + 16, f"{view.wording.order_id} {mark}{view.order.order_id}", 15, weight="Bold")
    page.write(
        24, page.y + 38, f"{view.wording.placed} {page.theme.date(view.order.dates.placed)}", 12.5,
        colour=page.theme.muted,
    )  # fmt: skip
    page.y += 54


def tabs(page: Page, view: View) -> None:
    chosen = 0
    for number, tab in enumerate(view.wording.tabs):
        x = 38 + number * 75
        colour = page.theme.accent if number == chosen else page.theme.muted
        page.write(x, page.y + 14, tab, 13.5, colour=colour, side="middle", weight="Bold" if not number else "Regular")
    page.box(28, page.y + 27, 48, page.y + 30, page.theme.accent, r=1.5)
    page.y += 40


def list_entry(page: Page, view: View) -> None:
    """One order in a list: number and state, goods, what was paid, buttons."""
    order, words, theme = view.order, view.wording, page.theme
    with page.card(168 + 88 * len(order.lines)):
        page.write(26, page.y + 22, f"{words.order_id}：{order.order_id}" if view.chinese else
                   f"{words.order_id} {order.order_id}", 13)  # fmt: skip
        page.write(WIDTH - 26, page.y + 22, view.status_text, 13, colour=theme.accent, side="right")
        page.write(26, page.y + 44, f"{words.placed} {theme.date(order.dates.placed)}", 11.5, colour=theme.muted)
        page.rule(page.y + 58)
        page.y += 66
        for line in order.lines:
            _item(page, view, line)
        count = sum(line.quantity for line in order.lines)
        pieces = f"共{count}件" if view.chinese else f"{count} item{'s' * (count > 1)}"
        width = page.write(WIDTH - 26, page.y + 18, theme.amount(view.total), 16, side="right", weight="Bold")
        page.write(WIDTH - 32 - width, page.y + 19, f"{pieces}  {words.total}", 12.5, side="right", colour=theme.muted)
        _buttons(page, view, page.y + 60)


def recommended(page: Page, view: View) -> None:
    """What apps put below: goods that have nothing to do with the order, with prices."""
    text = "—  猜你喜欢  —" if view.chinese else "You may also like"
    page.write(WIDTH / 2, page.y + 16, text, 13, side="middle", colour=page.theme.muted)
    page.y += 34
    for number, product in enumerate(view.suggested):
        left = 12 + number * 180
        page.box(left, page.y, left + 171, page.y + 232, page.theme.card, r=page.theme.corners)
        page.paste(thumbnail(product), left + 4, page.y + 4, 163)
        page.write(left + 10, page.y + 184, product.name(view.wording.language), 12.5, room=150)
        page.write(left + 10, page.y + 210, page.theme.amount(product.skus[0].price), 14, colour=page.theme.accent)
    page.y += 244


def bottom_bar(page: Page, view: View) -> None:
    top = max(page.y, page.least / page.scale - 66)
    page.box(0, top, WIDTH, top + 66, page.theme.card)
    _buttons(page, view, top + 28)
    page.box(130, top + 58, 245, top + 62, page.theme.muted, r=2)
    page.y = top + 66


@cache
def thumbnail(product: Product) -> Image.Image:
    return picture(product).crop((50, 30, 590, 570)).resize((240, 240))


def transaction_no(order: Order) -> str:
    """A long number that is not the order's, made from it so that it never changes."""
    return f"42000{int(order.order_id) * 7919**3 % 10**23:023d}"


def _title(page: Page, view: View, colour: str) -> None:
    pen_y = page.y + 20
    width = max(1, page.px(1.6))
    for x0, y0, x1, y1 in ((24, -7, 17, 0), (17, 0, 24, 7)):
        page.pen.line([page.px(x0), page.px(pen_y + y0), page.px(x1), page.px(pen_y + y1)], colour, width)
    page.write(WIDTH / 2, pen_y, view.wording.title, 16, colour=colour, side="middle", weight="Bold")
    page.y += 42


def _promise(view: View) -> str:
    """The line under the state."""
    found, chinese = view.order.parcel, view.chinese
    if view.status == "shipped" and found:
        day = (found.expected_at + timedelta(hours=8)).date()
        return f"预计{day.month}月{day.day}日送达" if chinese else f"Expected by {day:%b} {day.day}"
    zh, en = {
        "unpaid": ("请在30分钟内完成付款，超时订单将自动关闭", "Please pay within 30 minutes"),
        "paid": ("仓库正在备货，请耐心等待", "We are packing your order"),
        "cancelled": ("订单已关闭", "This order has been closed"),
        "refunded": ("退款已原路退回您的账户", "The money went back the way you paid"),
    }.get(view.status, ("感谢您的信任，期待再次光临", "Thank you for shopping with us"))
    return zh if chinese else en


def _brand(page: Page, view: View) -> None:
    brand = view.order.lines[0].product.brand.split()
    name = f"{brand[0]}旗舰店" if view.chinese else f"{brand[-1].title()} store"
    page.write(26, page.y + 20, name, 13.5, weight="Bold")


def _item(page: Page, view: View, line: Line) -> None:
    theme, language = page.theme, view.wording.language
    page.paste(thumbnail(line.product), 26, page.y, 76)
    page.write(114, page.y + 12, line.product.name(language), 13.5, room=150)
    page.write(114, page.y + 34, line.sku.label(language), 12, colour=theme.muted, room=170)
    page.write(WIDTH - 26, page.y + 12, theme.amount(line.sku.price), 13.5, side="right")
    page.write(WIDTH - 26, page.y + 34, f"×{line.quantity}", 12, colour=theme.muted, side="right")
    page.y += 88


def _buttons(page: Page, view: View, y: float) -> None:
    right = WIDTH - 22.0
    for number, label in enumerate(view.wording.buttons[view.status][::-1]):
        wide = 34 + (len(label) * (13 if view.chinese else 7))
        colour = page.theme.accent if number == 0 else page.theme.muted
        page.box(right - wide, y - 15, right, y + 15, r=15, edge=colour)
        page.write(right - wide / 2, y, label, 12.5, colour=colour, side="middle")
        right -= wide + 8

