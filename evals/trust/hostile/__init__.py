"""The hostile set: what con artists, testers and angry people try, and harmless words that look like it.

`evals/data/hostile.jsonl` (held out) and `hostile.dev.jsonl` (to develop against) hold the cases, `cases`
says what one looks like. `run` starts the real system beside a model that obeys every injection, plays all
cases through the public doors, and judges by the records: who read what, what was written.

    python -m evals.trust --only hostile --failures
"""
