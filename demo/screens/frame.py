"""The frame of an order page: status bar, title, state, tabs and buttons.

Contract: each section writes one part at the page's cursor and moves the cursor below it.
"""

from datetime import timedelta

from demo.screens.page import WIDTH, Page
from demo.screens.view import View


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
            page.box(
                x,
                page.y + 69,
                x + 98,
                page.y + 71,
                page.theme.accent if step + 1 < reached else page.theme.rule,
            )
        page.box(x - 5, page.y + 65, x + 5, page.y + 75, colour, r=5)
    page.y += 88


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
        page.write(
            x,
            page.y + 14,
            tab,
            13.5,
            colour=colour,
            side="middle",
            weight="Bold" if not number else "Regular",
        )
    page.box(28, page.y + 27, 48, page.y + 30, page.theme.accent, r=1.5)
    page.y += 40


def bottom_bar(page: Page, view: View) -> None:
    top = max(page.y, page.least / page.scale - 66)
    page.box(0, top, WIDTH, top + 66, page.theme.card)
    buttons(page, view, top + 28)
    page.box(130, top + 58, 245, top + 62, page.theme.muted, r=2)
    page.y = top + 66


def buttons(page: Page, view: View, y: float) -> None:
    right = WIDTH - 22.0
    for number, label in enumerate(view.wording.buttons[view.status][::-1]):
        wide = 34 + (len(label) * (13 if view.chinese else 7))
        colour = page.theme.accent if number == 0 else page.theme.muted
        page.box(right - wide, y - 15, right, y + 15, r=15, edge=colour)
        page.write(right - wide / 2, y, label, 12.5, colour=colour, side="middle")
        right -= wide + 8


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
