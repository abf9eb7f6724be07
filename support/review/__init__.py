"""Conversation review without a database: what is kept of Rasa's events, what a conversation comes to, what
it is searched by. Plain functions over plain objects; `support.store.review` and `support.services` use
them.
"""
