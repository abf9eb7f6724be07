"""The model's client: any number of OpenAI-compatible chat servers behind one object.

    llm = Llm(["http://10.0.0.1:8000/v1", "http://10.0.0.2:8000/v1"], "Qwen/Qwen3-VL-8B-Instruct", key)
    reply = await llm.complete(messages, conversation=conversation_id)     # or ModelUnavailable

A conversation keeps to one server, whose prefix cache knows it; a server that fails is left alone for a
while, and before the first token another one takes its place (`client`). Which model or adapter a customer
gets is chosen by `choice`. A caller that has no server holds `None` instead of an `Llm`.
"""

from support.llm.client import Health, Llm
from support.llm.reply import Message, ModelUnavailable, Reply

__all__ = ["Health", "Llm", "Message", "ModelUnavailable", "Reply"]
