"""The use cases: one file a capability, named as in `data/`, `domain/` and `actions/`.

Each function takes a `Store` or an open `Unit` and what else it needs as arguments, and never decides who the
customer is from anything but `identity`.
"""
