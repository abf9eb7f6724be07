"""Personal data is found by shape, by label and by what the records know; and is masked in what is logged."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import personal as evaluation
from support import logs
from support.personal import Known, engine, find, keep_last4, mask
from support.personal.checks import is_iban, is_id_card, passes_luhn
from tools.environments import ROOT, python_of

# --- check digits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["11010519491231002X", "110105 19491231 002x", "330106198802143510"])
def test_a_right_identity_card_is_one(number: str) -> None:
    assert is_id_card(number)


@pytest.mark.parametrize(
    "number", ["110105194912310021", "110105199913310021", "33010618880214351X", "1101051949123100"]
)
def test_a_wrong_digit_date_or_length_is_no_identity_card(number: str) -> None:
    assert not is_id_card(number)


def test_each_single_wrong_digit_of_an_identity_card_is_noticed() -> None:
    right = "330106198802143510"
    wrong = [
        right[:place] + digit + right[place + 1 :]
        for place in range(17)
        for digit in "0123456789"
        if digit != right[place]
    ]
    assert not any(map(is_id_card, wrong))


def test_cards_and_accounts_are_told_by_their_check() -> None:
    assert passes_luhn("4111 1111 1111 1111")
    assert not passes_luhn("4111 1111 1111 1112")
    assert not passes_luhn("0000 0000 0000 0000")
    assert is_iban("GB29 NWBK 6016 1331 9268 19")
    assert not is_iban("GB29 NWBK 6016 1331 9268 18")


# --- finding -----------------------------------------------------------------------------------------------


def kinds(text: str, known: Known | None = None) -> list[str]:
    return [one.kind for one in find(text, known)]


def test_a_place_is_a_place_of_the_text_as_it_was_written() -> None:
    (one,) = find("电话：１３８１２３４５６７８。")
    assert (one.start, one.end, one.kind) == (3, 14, "mobile")


def test_an_order_number_that_passes_for_a_card_is_an_order_number_where_it_is_called_so() -> None:
    assert kinds("订单号 4111111111111111") == ["number"]
    assert kinds("4111111111111111") == ["bank_card"]


def test_a_label_makes_up_for_a_wrong_check_digit() -> None:
    assert kinds("身份证号 110105194912310021") == ["id_card"]
    assert kinds("card number 4111 1111 1111 1112") == ["bank_card"]


def test_a_given_name_that_is_a_word_is_a_name_after_a_cue_only() -> None:
    assert kinds("May I return it? Will Grace mark it?") == []
    assert kinds("my name is May") == kinds("Regards, Will Grace") == ["name"]


def test_what_the_records_know_is_found_wherever_it_stands() -> None:
    known = Known(name="Bo Ek", phone="+49 30 901820", addresses=("桥头蓝房子",), numbers=("K-77",))
    assert kinds("bo ek 住桥头蓝房子，K-77，尾号1820", known) == ["name", "address", "number", "last_digits"]


def test_only_the_kinds_that_are_asked_for_are_found() -> None:
    text = "我叫李雷，13812345678"
    assert [one.kind for one in find(text, kinds={"name"})] == ["name"]


# --- in its place ------------------------------------------------------------------------------------------


def test_a_kind_stands_in_the_place_of_a_value_in_the_language_of_the_text() -> None:
    assert mask("我叫李雷，电话13812345678") == "我叫[姓名]，电话[手机号]"
    assert mask("I'm at 10 Downing Street") == "I'm at [address]"
    assert mask("我的邮箱 a@b.cn", "en") == "我的邮箱 [email]"


def test_the_last_four_stay_for_who_compares_numbers_and_of_nothing_else() -> None:
    assert keep_last4("卡号 6222 0210 0111 6245 702") == "卡号 [银行卡号 *5702]"
    assert keep_last4("my name is John Smith") == "my name is [name]"


@given(st.lists(st.sampled_from([case.text for case in evaluation.cases()]), max_size=3))
def test_masking_what_is_masked_changes_nothing(texts: list[str]) -> None:
    once = mask("；".join(texts))
    assert mask(once) == once


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    found = find(text)
    assert all(one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


# --- how much of it is found -------------------------------------------------------------------------------


def test_nearly_everything_is_found_in_texts_that_were_not_looked_at() -> None:
    result = evaluation.run(held_out=True)
    assert result["texts"] >= 100
    assert result["recall"] >= 0.88
    assert result["precision"] >= 0.95
    assert result["harmless_touched"] <= 0.05 * result["harmless_texts"]


def test_presidio_finds_all_that_we_find_and_numbers_of_other_countries() -> None:
    for case in evaluation.cases():
        ours = {(one.start, one.end, one.kind) for one in find(case.text)}
        assert ours <= {(one.start, one.end, one.kind) for one in engine.find(case.text)}
    assert [one.kind for one in engine.find("call 98765 43210 please")] == ["phone"]


# --- in logs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("sent to 13812345678", "sent to [mobile]"),
        ('{"text": "\\u6211\\u53eb\\u674e\\u96f7"}', '{"text": "我叫[name]"}'),
        ("conversation 6f0d7a52-52c3-4d5e-9f0a-2d2f2b5f0c11 failed", "conversation [id] failed"),
        ("DETAIL:  Key (name)=(李雷) already exists.", "DETAIL:  [hidden]"),
        ("\x1b[31mJohn 13812345678\x1b[0m", "John [mobile]"),
        ("postgresql://shop:s3cret-word@db/shop", "postgresql://shop:[secret]@db/shop"),
        ("half \\ud83d a character", "half \\ud83d a character"),
    ],
)
def test_a_line_is_masked(written: str, kept: str) -> None:
    assert logs.masked(written) == kept


@pytest.mark.parametrize(
    "line",
    [
        "INFO uvicorn.error: Uvicorn running on http://127.0.0.1:8080 (Press CTRL+C to quit)",
        "2026-11-21 07:09:28,123 WARNING gateway.turns: Rasa did not answer: ConnectTimeout",
        '  File "/srv/shop/support/store/work.py", line 1964, in _exec_single_context',
        "The desk has no admin yet: http://localhost:8080/desk/join/Zq3456789012_13812345678",
        "INFO support.services.retention: model_texts 12, messages 204",
        "WARNING llm: no answer from 10.0.0.7:8000: timeout after 30.0 s",
    ],
)
def test_a_line_about_nobody_stays_as_it_is(line: str) -> None:
    assert logs.masked(line) == line


PROCESS = """
import logging, warnings
from support import logs
logs.set_up()
logs.set_up()
logging.getLogger("shop").error("for %s", "13812345678")
print("printed 13812345678")
warnings.warn("warned 13812345678")
raise ValueError("raised for 李雷 13812345678")
"""


@pytest.mark.parametrize("environment", ["app", "rasa"])
def test_a_process_that_set_up_its_log_writes_no_value_by_whatever_way(environment: str) -> None:
    done = subprocess.run(
        [str(python_of(environment)), "-c", PROCESS], capture_output=True, text=True, cwd=ROOT, check=False
    )
    written = done.stdout + done.stderr
    assert [word in written for word in ("for [", "printed [", "warned [", "raised for [")] == [True] * 4
    assert "ERROR shop" in written
    assert "13812345678" not in written
    assert "李雷" not in written


def test_the_log_needs_the_standard_library_only() -> None:
    script = "import sys; before = set(sys.modules); import support.logs; print(*(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    roots = {name.split(".")[0] for name in done.stdout.split()}
    assert roots - set(sys.stdlib_module_names) == {"support"}
