"""Tables of figures: how their cells are written for people, for charts and for spreadsheets."""

from __future__ import annotations

from datetime import date

import pytest

from desk.sheets import Chart, Column, Sheet, lasting, shown

COLUMNS = (Column("Day", "day"), Column("Count"), Column("Share", "share"))
DAY = date(2024, 5, 2)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert f"'{text}" in Sheet("s", "", (Column("Words", "text"),), ((text,),)).csv().decode("utf-8-sig")


@pytest.mark.parametrize("text", ["1 = 1", "几天能退？", "a-b", ""])
def test_other_words_stay_as_they_are(text: str) -> None:
    assert "'" not in Sheet("s", "", (Column("Words", "text"),), ((text,),)).csv().decode("utf-8-sig")


def test_a_csv_holds_plain_numbers_behind_a_mark_for_excel() -> None:
    sheet = Sheet("s", "", COLUMNS, ((DAY, 1234, 0.25), (DAY, -5, None)))
    assert sheet.csv() == "\ufeffDay,Count,Share\r\n2024-05-02,1234,0.25\r\n2024-05-02,-5,\r\n".encode()


def test_a_chart_draws_the_first_rows_of_the_table() -> None:
    rows = [(DAY, number, None) for number in range(1, 30)]
    drawn = Sheet("s", "", COLUMNS, rows, Chart("bar", (1,), most=2)).drawn("en")
    assert drawn is not None
    assert (drawn["labels"], drawn["series"][0]["values"]) == (["2 May", "2 May"], [1, 2])


@pytest.mark.parametrize("rows", [(), ((DAY, 0, None),)])
def test_where_nothing_was_counted_nothing_is_drawn(rows: tuple[tuple[date, int, None], ...]) -> None:
    sheet = Sheet("s", "", COLUMNS, rows, Chart("bar", (1,)))
    assert (sheet.is_empty, sheet.drawn("en")) == (True, None)


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (0, "0 秒", "0 s"),
        (59.6, "1 分", "1 min"),
        (200, "3 分 20 秒", "3 min 20 s"),
        (7_500, "2 小时 5 分", "2 h 5 min"),
        (86_400 + 61, "1 天", "1 d"),
    ],
)
def test_times_are_told_in_two_units_at_most(seconds: float, chinese: str, english: str) -> None:
    assert (lasting(seconds, "zh"), lasting(seconds, "en")) == (chinese, english)


def test_what_cannot_be_told_is_a_dash() -> None:
    assert shown(None, "share", "en") == "–"
    assert shown(0.1234, "share", "en") == "12.3%"
