"""The front door: the only process that customers reach.

Web chat, uploads, events, the people's interface, health and metrics. It keeps what comes in, asks Rasa or
passes on to a person, and always answers. Business lives in `support`; nothing here knows SQL or a Rasa
library.
"""
