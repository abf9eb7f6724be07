"""What becomes of conversations while parts of the running system are killed, hung, slowed or filled.

    python -m evals.chaos                        every fault, on both stands: `make chaos`
    python -m evals.chaos actions_killed ...     some of them (`--list` names them)

`stand` starts the real processes, `faults` says what is done to them, `load` holds the conversations, `audit`
compares what customers were told with what the database holds, and `__main__` prints the table and writes
`evals/results/chaos.json`.
"""
