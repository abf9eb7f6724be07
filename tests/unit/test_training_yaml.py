"""Adding lines to the project's training files: nothing else changes, and Rasa reads what was meant."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from support.personal import Known, stand_ins
from support.personal.examples import ORDER_ID
from support.training.problems import Problem
from support.training.project import rasa_environment
from support.training.text import clean, example, key
from support.training.yaml_files import New, NluFiles, Plan, read_file, read_folder
from tools.environments import ROOT, python_of

TWO_LANGUAGES = """\
# Money back.   The comment stays.
version: "3.1"

nlu:
  - intent: refund
    examples: |
      - 退货
      - 我要退款   

  # English
  - intent: refund
    examples: |
      - refund pls
      - [red](colour) shirt back

  - lookup: parcel
    examples: |
      - 快递
  - intent: greet
    examples: |
        - hi
"""  # blanks at the end of a line must stay, too


def _files(folder: Path, **texts: str) -> NluFiles:
    """Files of these texts, as they would lie in a project."""
    nlu = folder / "data" / "nlu"
    nlu.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (nlu / f"{name}.yml").write_bytes(text.encode())
    return read_folder(nlu)


def _after(plan: Plan) -> str:
    (change,) = plan.changes
    return change.after


# --- inserting ---------------------------------------------------------------------------------------------


def test_a_line_goes_to_the_end_of_its_intents_block_in_its_language(tmp_path: Path) -> None:
    new = [New("钱呢", "refund", "zh"), New("money back", "refund", "en")]
    plan = _files(tmp_path, refund=TWO_LANGUAGES).plan(new)
    expected = TWO_LANGUAGES.replace("我要退款   \n", "我要退款   \n      - 钱呢\n")
    expected = expected.replace("shirt back\n", "shirt back\n      - money back\n")
    assert _after(plan) == expected
    assert plan.places == {new[0]: "data/nlu/refund.yml:9", new[1]: "data/nlu/refund.yml:16"}


def test_a_language_without_a_block_goes_to_the_intents_last_one(tmp_path: Path) -> None:
    plan = _files(tmp_path, refund=TWO_LANGUAGES).plan([New("你好", "greet", "zh")])
    assert _after(plan) == TWO_LANGUAGES + "        - 你好\n"


def test_a_file_without_a_last_line_end_gets_the_line_on_a_line_of_its_own(tmp_path: Path) -> None:
    plan = _files(tmp_path, refund=TWO_LANGUAGES.rstrip()).plan([New("yo", "greet", "en")])
    assert _after(plan) == TWO_LANGUAGES + "        - yo\n"


def test_line_ends_of_windows_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    text = "\ufeff" + TWO_LANGUAGES.replace("\n", "\r\n")
    plan = _files(tmp_path, refund=text).plan([New("钱呢", "refund", "zh")])
    assert _after(plan) == text.replace("我要退款   \r\n", "我要退款   \r\n      - 钱呢\r\n")


def test_an_empty_block_gets_its_first_line(tmp_path: Path) -> None:
    plan = _files(tmp_path, a="nlu:\n- intent: greet\n  examples: |\n").plan([New("hi", "greet", "en")])
    assert _after(plan) == "nlu:\n- intent: greet\n  examples: |\n    - hi\n"


def test_the_diff_shows_the_new_line_and_names_the_file(tmp_path: Path) -> None:
    (change,) = _files(tmp_path, refund=TWO_LANGUAGES).plan([New("钱呢", "refund", "zh")]).changes
    added = [line for line in change.diff().splitlines() if line.startswith("+")]
    assert added == ["+++ b/data/nlu/refund.yml", "+      - 钱呢"]


# Blanks, brackets, quotes, YAML's and Rasa's own signs, both scripts, emoji, line breaks of every kind.
_ALPHABET = "退款 ab1　-#:|>%@`\"'\\u\\U{}[]()!&*?,.，。😀\t\r\n\x85\u2028\x00\u200b${}/é\ufeff"
_WORDS = st.text(alphabet=_ALPHABET, max_size=30) | st.text(max_size=30)


@given(lines=st.lists(_WORDS, min_size=1, max_size=4), intent=st.sampled_from(["refund", "greet"]))
def test_whatever_is_said_every_other_byte_stays_and_yaml_reads_it_back(
    lines: list[str], intent: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = _files(tmp_path_factory.mktemp("any"), refund=TWO_LANGUAGES)
    new = [New(said, intent, "en") for said in map(example, lines) if said]
    plan = files.plan(new)
    if not plan.changes:
        return
    after, written = _after(plan), list(plan.places)
    left = after
    for one in written:
        line = f"{' ' * (8 if intent == 'greet' else 6)}- {one.text}\n"
        assert line in left
        left = left.replace(line, "", 1)
    assert left == TWO_LANGUAGES
    expected = yaml.safe_load(TWO_LANGUAGES)
    block = [item for item in expected["nlu"] if item.get("intent") == intent][-1]
    block["examples"] += "".join(f"- {one.text}\n" for one in written)
    assert yaml.safe_load(after) == expected


# --- refusing ----------------------------------------------------------------------------------------------


def _why(plan: Plan) -> list[str]:
    return [problem.words("en") for problem in plan.refused.values()]


def test_a_duplicate_is_refused_with_its_place_whatever_its_intent(tmp_path: Path) -> None:
    plan = _files(tmp_path, refund=TWO_LANGUAGES).plan([New("Refund, pls!", "greet", "en")])
    assert plan.changes == ()
    assert _why(plan) == ["This is there already: data/nlu/refund.yml:13, as refund."]


def test_two_new_ones_that_say_the_same_are_one(tmp_path: Path) -> None:
    plan = _files(tmp_path, refund=TWO_LANGUAGES).plan([New("yo", "greet", "en"), New("YO!", "refund", "en")])
    assert _after(plan) == TWO_LANGUAGES + "        - yo\n"
    assert len(plan.refused) == 1


def test_an_entity_in_a_file_is_compared_by_its_words(tmp_path: Path) -> None:
    found = _files(tmp_path, refund=TWO_LANGUAGES).find("red shirt back")
    assert found is not None
    assert found.place == "data/nlu/refund.yml:14"


def test_examples_in_rasas_other_forms_count_as_duplicates_too(tmp_path: Path) -> None:
    listed = "nlu:\n- intent: greet\n  examples:\n  - text: |\n      hello there\n    metadata: {a: b}\n"
    files = _files(tmp_path, listed=listed, refund=TWO_LANGUAGES)
    found = files.find("Hello there")
    assert found is not None
    assert (found.intent, found.place) == ("greet", "data/nlu/listed.yml:4")


def test_an_intent_that_has_lost_its_block_is_refused(tmp_path: Path) -> None:
    plan = _files(tmp_path, refund=TWO_LANGUAGES).plan([New("5 stars", "rate", "en")])
    assert _why(plan) == [
        'data/nlu holds no examples (examples: |) of the intent "rate" any more. Nothing is lost.'
    ]


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"data/nlu/refund\.yml:6 is not valid YAML"):
        _files(tmp_path, refund='version: "3.1"\nnlu:\n- intent: refund\n  examples: |\n    - a\n bad: [\n')


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "refund.yml"
    path.write_bytes("退".encode("gbk"))
    with pytest.raises(Problem, match=r"data/nlu/refund\.yml is not valid YAML: UTF-8"):
        read_file(path, "data/nlu/refund.yml")


# --- the words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("邮箱是abc.d@x.com.cn，电话138 1234 9999", "邮箱是someone@example.com，电话13912345678"),
        ("退款 7203684758741 尾号0131", "退款 6203847501926 尾号2260"),
        ("refund #A1029 4417", "refund 6203847501926 2260"),
        ("my phone ends in 4417", "my phone ends in 2260"),
        ("call +44 7700 900123", "call 07700900456"),
        ("4417", "2260"),
        ("2026年买的，花了1000元", "2026年买的，花了1000元"),
        ("iphone 15 pro 256g 有货吗", "iphone 15 pro 256g 有货吗"),
    ],
)
def test_personal_data_is_replaced_by_the_numbers_of_the_projects_own_examples(said: str, kept: str) -> None:
    assert stand_ins(said) == kept


def test_names_and_addresses_of_the_records_are_replaced() -> None:
    known = Known(name="王小美", addresses=("解放路8号2单元",))
    assert stand_ins("我是王小美，寄到解放路8号2单元", known) == "我是小明，寄到人民路1号"


@given(_WORDS)
def test_masking_twice_is_masking_once(said: str) -> None:
    assert example(example(said)) == example(said)


def test_numbers_width_and_punctuation_make_no_other_example() -> None:
    assert key("取消 7203684758741！") == key(f"取消{ORDER_ID}") == key("取消７２０３６８４７５８７４１")


# --- Rasa's own reader -------------------------------------------------------------------------------------

WEIRD = [
    '[red](colour) and [x]{"entity": "y"} and [z][{}]',
    "- -5度能穿吗",
    "# no comment: 'quoted' \"twice\" | > % @ ` & * !",
    "costs ${HOME} or $5",
    "back\\u0041slash \\U0001F600 \\N{BULLET} \\n",
    "line\none\r\ntwo\u2028three\x85four",
    "emoji 😀 and 全角ＡＢＣ",
    "{curly} (round) [square]",
    '/refund{"order_id": "1"}',
    "null",
]


@pytest.fixture(scope="module")
def reader() -> Any:
    def read(kind: str, *paths: Path) -> Any:
        command = [str(python_of("rasa")), "-m", "tests.unit.rasa_reader_probe", kind, *map(str, paths)]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env=rasa_environment(), check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    return read


@pytest.mark.parametrize("base", [TWO_LANGUAGES, "nlu:\n- intent: greet\n  examples: |\n    - hi\n"])
def test_rasa_reads_what_was_written_and_no_entity(tmp_path: Path, reader: Any, base: str) -> None:
    """Also in a file of ASCII alone, in which Rasa decodes escapes."""
    said = [text for text in map(clean, WEIRD) if base is TWO_LANGUAGES or text.isascii()]
    plan = _files(tmp_path, weird=base).plan([New(text, "greet", "en") for text in said])
    path = tmp_path / "after.yml"
    path.write_bytes(_after(plan).encode())
    (read,) = reader("nlu", path)
    new = [one for one in read if one[0] == "greet" and one[1] != "hi"]
    assert new == [["greet", text, []] for text in said]
