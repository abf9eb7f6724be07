"""Refusals: what the front door will not do, and why, in both languages.

Every error body is `{"error": {"code", "message", "message_zh"}}`. Codes are for programs and stay; the words
are for people and say what to do next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

# code -> status, English, Chinese
_REFUSALS: dict[str, tuple[int, str, str]] = {
    "bad_conversation_id": (
        422,
        "conversation_id must be 16 to 64 letters, digits, - or _. It is what keeps a conversation private: "
        "use a fresh UUID for each.",
        "conversation_id 须为 16 到 64 位字母、数字、- 或 _。会话靠它保密，请为每个会话新生成一个 UUID。",
    ),
    "bad_message_id": (
        422,
        "message_id must be 1 to 64 letters, digits or any of _ . : -",
        "message_id 须为 1 到 64 位字母、数字或 _ . : - 。",
    ),
    "bad_request": (422, "This request cannot be read: {why}", "请求无法读取：{why}"),
    "empty_message": (
        422,
        "There is nothing in this message. Write something or add a picture.",
        "消息是空的，请输入文字或添加图片。",
    ),
    "text_too_long": (
        422,
        "This message has {length} characters; {limit} is the most. Please send it in parts.",
        "这条消息有 {length} 个字，一次最多 {limit} 个字，请分几条发送。",
    ),
    "too_many_attachments": (
        422,
        "At most {limit} pictures fit into one message. Send the others in the next one.",
        "一条消息最多带 {limit} 张图片，其余的请放到下一条。",
    ),
    "body_too_large": (413, "This request is too large.", "请求内容过大。"),
    "too_many_messages": (
        429,
        "That was a lot at once. Please wait {seconds} seconds and send it again.",
        "发送得太快了，请等 {seconds} 秒再发。",
    ),
    "bad_token": (
        401,
        "You could not be signed in: {why}",
        "登录信息无效或已过期，请回到商城页面重新登录后再试。（{why}）",
    ),
    "unknown_attachment": (
        404,
        "This picture is not part of this conversation. Please add it again.",
        "当前会话里没有这张图片，请重新添加。",
    ),
    "picture_link_expired": (
        410,
        "This address of the picture has run out. Reload the conversation to see it again.",
        "图片地址已过期，请刷新会话后再看。",
    ),
    "bad_picture_link": (
        404,
        "This address does not open the picture. Open it from its conversation.",
        "这个地址打不开图片，请在会话里查看。",
    ),
    "unknown_answer": (
        404,
        "This conversation has no answer from the shop's documents to that message.",
        "这个会话里没有对应这条消息、出自店铺资料的回答。",
    ),
    "unknown_citation": (
        404,
        "This source is no longer in the shop's documents.",
        "这段资料已不在店铺的文档中。",
    ),
    "picture_too_large": (
        413,
        "This picture is larger than {limit} MB. Send a smaller one, or a screenshot of what matters.",
        "图片超过 {limit} MB，请压缩后再发，或截取关键部分发送。",
    ),
    "picture_empty": (
        422,
        "This file is empty. Please choose the picture again.",
        "这个文件是空的，请重新选择图片。",
    ),
    "not_a_picture": (
        415,
        "This file is not a picture we can read. Send a JPEG, PNG, WebP, GIF or HEIC, or a screenshot.",
        "这个文件不是可识别的图片，请发送 JPG、PNG、WebP、GIF、HEIC 格式的图片，或直接截图。",
    ),
    "picture_too_many_pixels": (
        413,
        "This picture has more than {limit} megapixels. Make it smaller or send a screenshot of it.",
        "图片尺寸超过 {limit} 百万像素，请缩小后再发，或截图发送。",
    ),
    "picture_broken": (
        422,
        "This picture is damaged and cannot be opened. Please save it again or send a screenshot of it.",
        "图片已损坏，打不开。请重新保存后再发，或截图发送。",
    ),
    "speech_off": (
        404,
        "This shop does not take speech. Please type your message.",
        "本店暂不支持语音输入，请打字。",
    ),
    "speech_too_large": (
        413,
        "This recording is larger than {limit} MB. Please say it in parts.",
        "录音超过 {limit} MB，请分几段说。",
    ),
    "speech_too_long": (
        422,
        "This recording is longer than {limit} seconds. Please say it in parts.",
        "录音超过 {limit} 秒，请分几段说。",
    ),
    "speech_empty": (
        422,
        "There is nothing in this recording. Please say it again.",
        "录音是空的，请再说一遍。",
    ),
    "not_speech": (
        415,
        "This file is not a recording we can read. Send WAV with one channel of 16 bits at 16 kHz.",
        "这个文件不是可识别的录音，请发送单声道、16 位、16 kHz 的 WAV。",
    ),
    "speech_busy": (
        503,
        "We can't turn speech into text just now. Please type, or try again in {seconds} seconds.",
        "语音暂时转不成文字，请打字，或 {seconds} 秒后再试。",
    ),
    "pictures_busy": (
        503,
        "Many pictures are being read just now. Please try again in {seconds} seconds.",
        "正在处理的图片较多，请 {seconds} 秒后再试。",
    ),
    "picture_not_kept": (
        503,
        "Your picture couldn't be kept just now. Please try again later, or go on in words: those do arrive.",
        "图片暂时没能保存，请稍后再试，或先用文字说明，文字消息不受影响。",
    ),
    "not_staff": (
        403,
        "This is for the shop's staff: send Authorization: Bearer <SHOPCLERK_STAFF_TOKEN>.",
        "此接口仅限店铺员工使用，请带上 Authorization: Bearer <SHOPCLERK_STAFF_TOKEN>。",
    ),
    "not_internal": (
        403,
        "This is for Shopclerk's own processes on this machine.",
        "此接口仅供本机的 Shopclerk 进程使用。",
    ),
    "unknown_handover": (404, "There is no such handover.", "没有这条转人工记录。"),
    "not_possible": (409, "This is not possible now: {why}", "当前无法这样操作：{why_zh}"),
    "unknown_event": (404, "This conversation has no such event.", "这个会话里没有这条消息。"),
    "guest_link_needed": (
        403,
        "The channel guest belongs to testers' links.",
        "guest 渠道仅供测试链接使用。",
    ),
    "guest_link_over": (
        410,
        "Your test link is no longer valid. Ask the shop for a new one to go on.",
        "测试链接已失效，如需继续请向店铺索取新链接。",
    ),
    "not_found": (404, "There is nothing here.", "这里没有内容。"),
    "not_allowed": (405, "This address does not take this method.", "此地址不支持该请求方法。"),
    "unavailable": (
        503,
        "Something went wrong on our side. Please send it again in a moment; nothing is done twice.",
        "我们这边出了点问题，请稍后重新发送，不会重复处理。",
    ),
}
# After an error of our own; pages then send the same message again by themselves.
TRY_AGAIN_S = 2
_BY_STATUS = {404: "not_found", 405: "not_allowed"}
_BY_FIELD = {"conversation_id": "bad_conversation_id", "message_id": "bad_message_id"}


class Refusal(HTTPException):
    """A refusal by its code; `values` fill its words, `seconds` also the header Retry-After."""

    def __init__(self, code: str, **values: Any) -> None:
        status, english, chinese = _REFUSALS[code]
        self.code = code
        self.message = english.format(**values)
        self.message_zh = chinese.format(**values)
        headers = {"Retry-After": str(values["seconds"])} if "seconds" in values else None
        super().__init__(status, self.message, headers)

    @property
    def body(self) -> dict[str, dict[str, str]]:
        return {"error": {"code": self.code, "message": self.message, "message_zh": self.message_zh}}

    def response(self) -> JSONResponse:
        return JSONResponse(self.body, self.status_code, self.headers)


def install(app: FastAPI) -> None:
    """Make every error of `app` one of ours."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Refusal):
        return error.response()
    assert isinstance(error, HTTPException)
    if code := _BY_STATUS.get(error.status_code):
        return Refusal(code).response()
    refusal = Refusal("bad_request", why=error.detail)
    refusal.status_code = error.status_code
    return refusal.response()


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first: Mapping[str, Any] = error.errors()[0]
    place = [str(part) for part in first["loc"][1:]]
    if place and (code := _BY_FIELD.get(place[-1])):
        return Refusal(code).response()
    if first["type"] == "json_invalid":
        return Refusal("bad_request", why="it is not valid JSON").response()
    # Without the value itself: what somebody typed is not echoed.
    why = re.sub(r"\s+", " ", f"{'.'.join(place)}: {first['msg']}" if place else first["msg"])
    return Refusal("bad_request", why=why).response()


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    # uvicorn logs it with its traceback.
    return Refusal("unavailable", seconds=TRY_AGAIN_S).response()
