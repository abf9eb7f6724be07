"""The claim gate's evaluation: answers that are true of their sources, and the same made false by a script.

from evals.trust.claims.run import run            python -m evals.trust.claims [--dev] [--failures]
"""
