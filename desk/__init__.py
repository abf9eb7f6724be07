"""The desk: where the shop's people answer, review and measure. Server-rendered, mounted by the gateway.

`signing in -> session.py`, `templates and words -> pages.py`, one module a page. Handlers are short: they ask
`support.services`, or the gateway's `door` where Rasa takes part, and render.
"""
