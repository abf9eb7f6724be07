"""Starts Rasa with its API token taken from the environment: `python -m assistant.serve run ...`.

The options are Rasa's own. Rasa wants the token as one of them, but there every user of the machine could
read it.
"""

from __future__ import annotations

import os
import sys

from rasa.__main__ import main

if __name__ == "__main__":
    sys.argv += ["--auth-token", os.environ["SHOPCLERK_CHANNEL_SECRET"]]
    main()
