"""A process that looks for a regular expression: run by its path, by `support.review.regex`, with nothing
of ours.

Python's regular expressions can take for ever and let nobody else run meanwhile. Here that harms nobody:
the process is killed. Reads JSON lines: first the expression, then lists of texts. Answers each list with a
list of the first line that matches in each text and where in it, [line, start], or null. An expression that
cannot be used is answered by its fault.
"""

from __future__ import annotations

import json
import re
import sys


def main() -> None:
    try:
        pattern = re.compile(json.loads(sys.stdin.readline()), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        print(json.dumps({"fault": str(error)}), flush=True)
        return
    print(json.dumps({"fault": None}), flush=True)
    for texts in sys.stdin:
        print(json.dumps([_first(pattern, text.split("\n")) for text in json.loads(texts)]), flush=True)


def _first(pattern: re.Pattern[str], lines: list[str]) -> tuple[str, int] | None:
    return next(((line, found.start()) for line in lines if (found := pattern.search(line))), None)


if __name__ == "__main__":
    main()
