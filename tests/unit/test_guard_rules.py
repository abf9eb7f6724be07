"""A shop's content.yml: what it changes in the rules that come with Shopclerk, and what mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.guard import rules
from support.guard.content import Content
from support.guard.phrases import BadPhrase, Phrase
from support.guard.rules import Rules, RulesError

DEMO = Path(__file__).parents[2] / "demo" / "content.yml"


def shop(folder: Path, *lines: str) -> Content:
    return Content(written(folder, *lines))


def written(folder: Path, *lines: str) -> Rules:
    path = folder / "content.yml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return rules.load(path)


def refused(folder: Path, *lines: str) -> str:
    with pytest.raises(RulesError) as error:
        written(folder, *lines)
    return str(error.value).removeprefix(str(folder / "content.yml"))


# --- what a shop changes -----------------------------------------------------------------------------------


def test_without_a_file_ours_hold(tmp_path: Path) -> None:
    assert rules.load(tmp_path / "content.yml") is rules.load()


def test_the_demo_shops_file_adds_a_rule() -> None:
    content = Content(rules.load(DEMO))
    ruling = content.incoming("隔壁店是不是更便宜")
    assert ruling
    assert ruling.rule == "other-shops"
    assert content.answer("other-shops", "decline", "en").startswith("I can't speak for other shops")


def test_a_list_grows_and_shrinks(tmp_path: Path) -> None:
    content = shop(tmp_path, "rules:", "- id: insults", "  add: [黑心作坊]", "  remove: [不得好死]")
    assert content.incoming("黑心作坊")
    ruling = content.incoming("不得好死")
    assert ruling is None or ruling.rule == "unsure"
    assert content.incoming("傻逼")


def test_a_rule_is_taken_out(tmp_path: Path) -> None:
    content = shop(tmp_path, "rules:", "- {id: politics, drop: true}")
    assert content.incoming("who should i vote for") is None


def test_a_rule_gets_another_action(tmp_path: Path) -> None:
    ruling = shop(tmp_path, "rules:", "- {id: insults, action: person}").incoming("傻逼")
    assert ruling
    assert ruling.action == "person"


def test_a_shops_own_words_take_the_place_of_ours_one_by_one(tmp_path: Path) -> None:
    content = shop(tmp_path, "answers:", "  decline: {zh: 不聊这个。, en: Not this.}")
    assert content.answer("new-orders", "decline", "zh") == "不聊这个。"
    assert content.answer("insults", "calm", "zh").startswith("看得出您现在很生气")


def test_a_site_of_the_shop_may_stand_in_answers(tmp_path: Path) -> None:
    from support.guard.leaks import Prompted

    content = shop(tmp_path, "hosts: [help.shop.example]")
    assert content.outgoing("见 https://help.shop.example/a", Prompted()) is None
    assert content.outgoing("见 https://shop.example/a", Prompted())


# --- what a mistake is told --------------------------------------------------------------------------------


def test_a_wrong_action_is_named_with_its_line(tmp_path: Path) -> None:
    told = refused(
        tmp_path, "# ours", "rules:", "- id: new", "  kind: topic", "  action: ban", "  phrases: [茶]"
    )
    assert told.startswith(" line 5: rules.0.action: Input should be 'care', 'person'")


def test_a_phrase_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    told = refused(tmp_path, "rules:", "- id: new", "  kind: topic", "  phrases:", "  - 茶", "  - (a|(b|c))")
    assert " line 5: rules.0.phrases: '(a|(b|c))': brackets hold choices, as in (a|b)" in told


def test_words_in_one_language_only_are_refused(tmp_path: Path) -> None:
    told = refused(tmp_path, "answers:", "  calm: {zh: 好的。}")
    assert told == " line 2: answers: the words in en are missing: write zh: and en:"


def test_a_phrase_to_remove_that_is_not_there_is_named(tmp_path: Path) -> None:
    told = refused(tmp_path, "rules:", "- id: insults", "  remove: [没有这条]")
    assert "rules.0 (insults): remove: '没有这条' is not in the list" in told


def test_a_change_of_a_rule_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    told = refused(tmp_path, "rules:", "- {id: insluts, add: [x]}")
    assert "none has this id; write phrases" in told


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    assert " line 1: muteafter: Extra inputs are not permitted" in refused(tmp_path, "muteafter: 3")


def test_yes_without_quotes_is_no_phrase(tmp_path: Path) -> None:
    told = refused(tmp_path, "rules:", "- {id: new, kind: topic, phrases: [yes]}")
    assert "put words that YAML takes for something else in quotes" in told


@pytest.mark.parametrize("text", ["rules: 3", "- a", "rules: [a]", "rules:\n- {kind: topic}"])
def test_what_is_no_list_of_rules_is_refused(tmp_path: Path, text: str) -> None:
    assert "demo/content.yml" in refused(tmp_path, text)


def test_broken_yaml_and_other_encodings_are_refused(tmp_path: Path) -> None:
    assert "not valid YAML" in refused(tmp_path, "rules: [")
    (tmp_path / "content.yml").write_bytes("hosts: [商店]".encode("gb18030"))
    with pytest.raises(RulesError, match="UTF-8"):
        rules.load(tmp_path / "content.yml")


# --- phrases -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("act as", "please act as her", True),
        ("act as", "a fact ascertained", False),
        ("insult*", "insulting", True),
        ("(buy|sell) …shares", "buy me some shares", True),
        ("(buy|sell) …shares", "buy it, he shares", False),
        ("(a|b|)c", "c", True),
        ("傻瓜", "大傻瓜蛋", True),
        ("FULL width", "ｆｕｌｌ　ｗｉｄｔｈ".lower(), False),
    ],
)
def test_a_phrase_finds_whole_latin_words_and_chinese_anywhere(phrase: str, text: str, found: bool) -> None:
    assert bool(list(Phrase(phrase).spans(text))) is found


@pytest.mark.parametrize("phrase", ["", "…", "(a", "…a", "a…", "a…b…c…d", "()", "!?"])
def test_what_is_no_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(BadPhrase):
        Phrase(phrase)
