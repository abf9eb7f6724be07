"""Text as the dialogue model sees it: `assistant/text.py`, `concepts.py`, `features.py`."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.concepts import Lexicon
from assistant.features import WEIGHTS, Weights, views
from assistant.text import normalise, sounds, split_pinyin, units, words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("我的訂單出貨了嗎", "我的订单出货了吗"),
        ("ＳＣ－88213到了吗", "xid 到了吗"),
        ("order #A1029 please", "order xid please"),
        ("call 13812349876", "call xphone"),
        ("200元以内", "xmoney 以内"),
        ("I'm 170cm", "i'm xmeasure"),
        ("see https://shop.example/a?b=1", "see xurl"),
        ("sooooo late!!!!", "soo late!!"),
        ("", ""),
    ],
)
def test_normalising_folds_script_width_and_repeats_and_hides_numbers(written: str, read: str) -> None:
    assert normalise(written) == read


def test_units_are_characters_and_stems() -> None:
    assert units("退 refunds xid") == ["退", "refund", "xid"]


def test_words_have_no_blanks_and_no_apostrophes() -> None:
    assert words("where's 我的 快递") == [units("wheres")[0], "我", "的", "快递"]


def test_wrong_characters_and_pinyin_sound_like_the_right_ones() -> None:
    assert sounds("退宽") == sounds("退款") == sounds("tuikuan")


def test_southern_and_northern_spellings_sound_alike() -> None:
    assert sounds("shang") == sounds("san")


def test_english_has_no_sound() -> None:
    assert sounds("where is my parcel") is None


def test_an_endless_latin_word_is_no_pinyin() -> None:
    assert split_pinyin("ni" * 5000) is None


def test_the_longest_entry_wins_and_parts_of_it_are_silent() -> None:
    lexicon = Lexicon({"refund": ["退款"], "refund_status": ["退款进度"]})
    assert lexicon.read("我的退款进度").concepts == ["refund_status"]


def test_a_concept_is_found_by_its_stem_and_in_the_outline() -> None:
    reading = Lexicon({"goods-shoes": ["boot"]}).read(normalise("two Boots"))
    assert reading.concepts == ["goods-shoes"]
    assert reading.outline == [".two", "goods"]


def test_a_concept_written_with_wrong_characters_is_found_by_sound() -> None:
    assert Lexicon({"refund": ["退款"]}).read("退宽").concepts == ["refund"]


def test_single_characters_are_not_matched_by_sound() -> None:
    assert Lexicon({"refund": ["退"]}).read("腿").concepts == []


def test_every_view_has_a_weight() -> None:
    assert views("where is my parcel", Lexicon({})).keys() == WEIGHTS.keys()


def test_an_empty_text_and_a_very_long_one_have_vectors() -> None:
    lexicon = Lexicon({"order": ["订单"]})
    weights = Weights.learn([views("我的订单", lexicon), views("my order", lexicon)])
    for text in ("", "我的订单" * 5000, "\x00\u200b😀"):
        columns, values = weights.vector(views(text, lexicon))
        assert len(columns) == len(values)
        assert np.isfinite(values).all()


def test_unknown_terms_are_left_out() -> None:
    lexicon = Lexicon({})
    weights = Weights.learn([views("订单", lexicon), views("订单", lexicon)])
    columns, _ = weights.vector(views("zebra", lexicon))
    assert all(0 <= column < len(weights) for column in columns)
