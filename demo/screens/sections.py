"""The contents of an order page: parcel, address, goods, amounts, numbers and dates.

Contract: each section writes one part at the page's cursor and moves the cursor below it.
"""

from functools import cache

from PIL import Image

from demo.catalogue import Product
from demo.draw.products import picture
from demo.orders import Line, Order
from demo.screens.frame import buttons
from demo.screens.page import WIDTH, Page
from demo.screens.view import View


def state_row(page: Page, view: View) -> None:
    """The state as one row among others."""
    with page.card(40):
        page.y += 6
        label = "订单状态" if view.chinese else "Status"
        page.row(label, view.status_text, colour=page.theme.accent)


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
        page.write(
            26,
            page.y + 66,
            f"{name}  {view.wording.tracking} {found.tracking_no}",
            12,
            colour=page.theme.muted,
        )


def timeline(page: Page, view: View) -> None:
    """All words of the carrier, the newest first."""
    found = view.order.parcel
    if found is None:
        return
    events = found.events[::-1][:4]
    with page.card(38 + 42 * len(events)):
        page.row(view.wording.tracking, found.tracking_no)
        for number, (at, text) in enumerate(events):
            page.box(
                27, page.y + 8, 33, page.y + 14, page.theme.accent if not number else page.theme.rule, r=3
            )
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


def list_entry(page: Page, view: View) -> None:
    """One order in a list: number and state, goods, what was paid, buttons."""
    order, words, theme = view.order, view.wording, page.theme
    with page.card(168 + 88 * len(order.lines)):
        colon = "：" if view.chinese else " "
        page.write(26, page.y + 22, f"{words.order_id}{colon}{order.order_id}", 13)
        page.write(WIDTH - 26, page.y + 22, view.status_text, 13, colour=theme.accent, side="right")
        page.write(
            26, page.y + 44, f"{words.placed} {theme.date(order.dates.placed)}", 11.5, colour=theme.muted
        )
        page.rule(page.y + 58)
        page.y += 66
        for line in order.lines:
            _item(page, view, line)
        count = sum(line.quantity for line in order.lines)
        pieces = f"共{count}件" if view.chinese else f"{count} item{'s' * (count > 1)}"
        width = page.write(WIDTH - 26, page.y + 18, theme.amount(view.total), 16, side="right", weight="Bold")
        page.write(
            WIDTH - 32 - width,
            page.y + 19,
            f"{pieces}  {words.total}",
            12.5,
            side="right",
            colour=theme.muted,
        )
        buttons(page, view, page.y + 60)


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
        page.write(
            left + 10, page.y + 210, page.theme.amount(product.skus[0].price), 14, colour=page.theme.accent
        )
    page.y += 244


@cache
def thumbnail(product: Product) -> Image.Image:
    return picture(product).crop((50, 30, 590, 570)).resize((240, 240))


def transaction_no(order: Order) -> str:
    """A long number that is not the order's, made from it so that it never changes."""
    return f"42000{int(order.order_id) * 7919**3 % 10**23:023d}"


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
