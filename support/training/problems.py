"""What could not be done, in words for the people who asked for it. Nothing was changed."""

from __future__ import annotations

from typing import Any

from support.model import Language

# code -> Chinese, English
_WORDS: dict[str, tuple[str, str]] = {
    "empty": ("这条消息里没有文字，不能作为训练样本。", "There are no words in this message to learn from."),
    "too_long": (
        "样本最多 {limit} 个字，这条有 {length} 个字，请截取关键的一句。",
        "An example has at most {limit} characters, this one has {length}. Keep the sentence that matters.",
    ),
    "unknown_intent": (
        "训练数据里没有意图“{intent}”，可选的有：{known}。",
        'The training data has no intent "{intent}". There are: {known}.',
    ),
    "duplicate": (
        "这句话已经有了：{place}，意图是 {intent}。",
        "This is there already: {place}, as {intent}.",
    ),
    "waiting_duplicate": (
        "这句话已经在待导出的样本里，意图是 {intent}。要改意图，请先移除那一条。",
        "This waits for the export already, as {intent}. Remove that one first to give it another intent.",
    ),
    "unknown_example": ("没有这条样本。", "There is no such example."),
    "not_waiting": ("这条样本已经不在待导出状态。", "This example is not waiting for the export any more."),
    "not_dropped": (
        "这条样本没有被移除，无需恢复。",
        "This example was not removed, there is nothing to undo.",
    ),
    "no_block": (
        "data/nlu 里找不到意图“{intent}”的样本段（examples: |），样本保留未动。",
        'data/nlu holds no examples (examples: |) of the intent "{intent}" any more. Nothing is lost.',
    ),
    "bad_yaml": (
        "{place} 不是有效的 YAML：{why}。请先修好这个文件，样本保留未动。",
        "{place} is not valid YAML: {why}. Mend the file first; nothing is lost.",
    ),
    "nothing_new": ("没有待导出的样本。", "There are no new examples to export."),
    "read_only": (
        "{path} 不可写（{why}）。可以下载新样本，自行合并进去。",
        "{path} cannot be written ({why}). Download the new examples instead and merge them yourself.",
    ),
    "invalid_data": (
        "Rasa 校验没有通过，文件保持原样：{why}",
        "Rasa's validation refused it; the files are as they were: {why}",
    ),
    "keeps_changing": (
        "导出期间 {path} 被反复修改，请稍后再试；文件和样本都保持原样。",
        "{path} kept changing during the export. Try again later; files and examples are as they were.",
    ),
    "nothing_said": (
        "这段对话里没有客户的话，无法存成测试。",
        "The customer says nothing in this conversation, so it cannot become a test.",
    ),
    "name_taken": ("已经有同名的测试对话：{place}。", "There is a test conversation of this name: {place}."),
    "busy": (
        "{staff} 的任务（{kind}）还在进行，请等它结束或先取消。",
        "{staff}'s run ({kind}) is still going. Wait for it, or cancel it first.",
    ),
    "unknown_run": ("没有这个任务。", "There is no such run."),
    "not_running": ("任务已经结束。", "This run has ended already."),
    "lost": (
        "任务所在的进程中断了，没有完成。",
        "The process that this ran in has gone; it did not finish.",
    ),
    "unknown_model": ("没有名为 {model} 的模型。", "There is no model called {model}."),
    "same_model": ("请选择两个不同的模型。", "Choose two different models."),
    "no_previous": ("没有更早的模型可以退回。", "There is no earlier model to go back to."),
    "failed": ("没有成功：{why}", "It did not work: {why}"),
    "does_not_load": (
        "模型 {model} 无法加载，仍在使用原来的模型。{why}",
        "The model {model} cannot be loaded; the one before stays in use. {why}",
    ),
    "server_away": (
        "对话服务没有响应，模型没有更换。{why}",
        "The dialogue server does not answer, so the model was not changed. {why}",
    ),
    "guest_name": ("请填写测试者的名字。", "Say who the link is for."),
    "guest_days": ("有效期须在 1 到 {limit} 天之间。", "A link is valid for 1 to {limit} days."),
    "unknown_guest": ("没有这个有效的链接。", "There is no such link in use."),
}


class Problem(Exception):
    """Why something was refused or failed; `code` is for programs and stays."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(self.words("en"))

    def words(self, language: Language) -> str:
        """For people."""
        return _WORDS[self.code][language == "en"].format(**self.values)

    def as_result(self) -> dict[str, Any]:
        """How a failed run keeps it."""
        return {"error": self.code, "zh": self.words("zh"), "en": self.words("en")}
