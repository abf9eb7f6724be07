"""A chat request: which fields, messages and numbers reach the engine, and in what form.

Messages and their parts are built anew from what is known. Anything more in a part would reach the model's
chat template, which can take it for a picture; and a picture's `uuid`, the cache's salt and the strictness
of tools are decided here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

from llm_server.proxy.bodies import Body, Checked, chosen
from llm_server.proxy.errors import Refused, bad_request
from llm_server.proxy.options import Limits
from llm_server.proxy.pictures import picture
from llm_server.proxy.tenants import Marks

_SAMPLING = frozenset(
    {
        *("temperature", "top_p", "top_k", "min_p", "seed", "stop", "parallel_tool_calls"),
        *("presence_penalty", "frequency_penalty", "repetition_penalty"),
    }
)
_READ_HERE = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens"),
        *("response_format", "tools", "tool_choice", "logprobs", "top_logprobs", "chat_template_kwargs"),
    }
)
_ROLES = ("system", "developer", "user", "assistant", "tool")
_MESSAGE = frozenset({"role", "content", "name", "tool_calls", "tool_call_id"})
# An assistant's message as servers answer with it, which clients send back whole.
_ECHOED = frozenset({"refusal", "annotations", "audio", "function_call", "reasoning", "reasoning_content"})
_FORMATS = ("text", "json_object", "json_schema")
_MOST_LOGPROBS = 20
# Qwen's control tokens are read out of any text: a customer could end his turn and speak as the system.
_CONTROL = re.compile(r"<\|(?=\w{1,32}\|>)")


def check(body: Body, tenant: str, limits: Limits, marks: Marks) -> Checked:
    """The request for the engine; Refused with what is wrong with it."""
    given = chosen(body, _SAMPLING | _READ_HERE)
    streams = _flag(given, "stream")
    if given.get("n", 1) != 1:
        raise bad_request("field_refused", "'n' must be 1: one answer a request")
    messages = _Messages(tenant, limits, marks)
    asked: Body = {
        "model": _text(given, "model"),
        "messages": messages.read(given.get("messages")),
        "cache_salt": marks.salt(tenant),
        **{name: given[name] for name in _SAMPLING & given.keys()},
        **_logprobs(given),
        **_format(given),
        **_tools(given),
        **_thinking(given),
    }
    tools = asked.get("tool_choice", "none") != "none"
    if streams:
        if tools:
            # vLLM's parser for streamed calls loses and mangles arguments.
            raise bad_request("stream_refused", "answers that may call tools are not streamed: stream=false")
        asked |= {"stream": True, "stream_options": _stream_options(given)}
    asked["max_completion_tokens"] = _tokens(given, limits, tools or "response_format" in asked)
    return Checked(asked, streams, messages.seam, messages.pictures)


def _text(fields: Body, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request("field_invalid", f"{name!r} must be a text")
    return value


def _flag(fields: Body, name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise bad_request("field_invalid", f"{name!r} must be true or false")
    return value


def _tokens(given: Body, limits: Limits, by_grammar: bool) -> int:
    """A grammar can hold a model in white space for ever, in JSON and in tool calls: their cap is lower."""
    cap = min(limits.tokens, limits.json_tokens) if by_grammar else limits.tokens
    asked = given.get("max_completion_tokens", given.get("max_tokens"))
    if asked is None:
        return min(limits.default_tokens, cap)
    if type(asked) is not int or not 1 <= asked <= cap:
        raise bad_request("too_many_tokens", f"max_completion_tokens must be 1 to {cap} for this request")
    return asked


def _stream_options(given: Body) -> Body:
    options = given.get("stream_options", {})
    if not isinstance(options, dict):
        raise bad_request("field_invalid", "'stream_options' must be an object")
    return {"include_usage": _flag(chosen(options, frozenset({"include_usage"})), "include_usage")}


def _logprobs(given: Body) -> Body:
    if not _flag(given, "logprobs"):
        return {}
    top = given.get("top_logprobs", 0)
    if type(top) is not int or not 0 <= top <= _MOST_LOGPROBS:
        raise bad_request("field_invalid", f"'top_logprobs' must be 0 to {_MOST_LOGPROBS}")
    return {"logprobs": True, "top_logprobs": top}


def _format(given: Body) -> Body:
    wanted = given.get("response_format")
    if wanted is None or wanted == {"type": "text"}:
        return {}
    if not isinstance(wanted, dict) or wanted.get("type") not in _FORMATS:
        raise bad_request("field_invalid", f"'response_format' must be one of {', '.join(_FORMATS)}")
    if wanted["type"] == "json_schema":
        named = wanted.get("json_schema")
        # Without one, vLLM would answer with free text.
        if not isinstance(named, dict) or not isinstance(named.get("schema"), dict):
            raise bad_request("field_invalid", "'response_format' of type json_schema needs a schema")
    return {"response_format": wanted}


def _thinking(given: Body) -> Body:
    wanted = given.get("chat_template_kwargs")
    if wanted is None:
        return {}
    if not isinstance(wanted, dict) or wanted.keys() - {"enable_thinking"}:
        raise bad_request("field_refused", "'chat_template_kwargs' may hold enable_thinking only")
    return {"chat_template_kwargs": {"enable_thinking": _flag(wanted, "enable_thinking")}}


def _tools(given: Body) -> Body:
    """The tools, each strict: without it the model may call them with anything."""
    tools, choice = given.get("tools"), given.get("tool_choice", "auto")
    if not tools:
        return {}
    if not isinstance(tools, list):
        raise bad_request("field_invalid", "'tools' must be a list")
    return {"tools": [_strict(tool) for tool in tools], "tool_choice": choice}


def _strict(tool: object) -> Body:
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
    if not isinstance(function, dict):
        raise bad_request("field_invalid", "each of 'tools' must be of type function")
    known = {name: function[name] for name in ("description", "parameters") if function.get(name) is not None}
    return {"type": "function", "function": {"name": _text(function, "name"), **known, "strict": True}}


class _Messages:
    """The messages of one request, and the pictures of all of them."""

    def __init__(self, tenant: str, limits: Limits, marks: Marks) -> None:
        self._tenant, self._limits, self._marks = tenant, limits, marks
        self.seam = secrets.token_hex(16)  # nobody can have written it
        self.pictures: list[str] = []

    def read(self, messages: object) -> list[Body]:
        if not isinstance(messages, list) or not messages:
            raise bad_request("field_invalid", "'messages' must be a list with something in it")
        return [self._message(message, f"message {at}") for at, message in enumerate(messages, 1)]

    def _message(self, message: object, where: str) -> Body:
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise bad_request("field_invalid", f"{where}: role must be one of {', '.join(_ROLES)}")
        try:
            fields = chosen(message, _MESSAGE | _ECHOED)
        except Refused as refused:
            raise bad_request(refused.code, f"{where}: {refused.message}") from None
        read: Body = {
            name: _text(fields, name) for name in ("role", "name", "tool_call_id") if name in fields
        }
        read["content"] = self._content(fields.get("content"), read["role"], where)
        if "tool_calls" in fields:
            read["tool_calls"] = list(_calls(fields["tool_calls"], where))
        return read

    def _content(self, content: object, role: str, where: str) -> str | list[Body] | None:
        if content is None and role == "assistant":
            return None
        if isinstance(content, str):
            return _tame(content)
        if not isinstance(content, list):
            raise bad_request("field_invalid", f"{where}: content must be a text or a list of parts")
        return [self._part(part, role, where) for part in content]

    def _part(self, part: object, role: str, where: str) -> Body:
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(part, dict) and kind == "text" and isinstance(part.get("text"), str):
            return {"type": "text", "text": _tame(part["text"])}
        if isinstance(part, dict) and kind == "image_url" and role == "user":
            return self._picture(part.get("image_url"))
        raise bad_request("part_refused", f"{where}: parts are text, and image_url where a user speaks")

    def _picture(self, image: object) -> Body:
        number = len(self.pictures) + 1
        if number > self._limits.images:
            raise bad_request("too_many_images", f"more than {self._limits.images} images in one request")
        found = picture(image.get("url") if isinstance(image, dict) else None, number, self._limits)
        self.pictures.append(found.url)
        mark = self._marks.picture(self._tenant, found.data)
        # With its bytes always, so that an engine that has forgotten it need not ask.
        return {"type": "image_url", "image_url": {"url": self.seam}, "uuid": mark}


def _calls(calls: Any, where: str) -> Iterator[Body]:
    """An assistant's calls, as it made them."""
    try:
        for call in calls:
            name, arguments = call["function"]["name"], call["function"]["arguments"]
            yield {
                "id": str(call["id"]),
                "type": "function",
                "function": {"name": str(name), "arguments": _tame(str(arguments))},
            }
    except (TypeError, KeyError):
        raise bad_request("field_invalid", f"{where}: tool_calls need id, name and arguments") from None


def _tame(text: str) -> str:
    """The text, with anything that would be a control token written so that it is none."""
    return _CONTROL.sub("< |", text) if "<|" in text else text
