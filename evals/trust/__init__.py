"""Trust, measured: what the claim gate catches and lets through, and what hostile people get out of it.

make eval-trust                 python -m evals.trust [--only claims|hostile] [--failures]
"""
