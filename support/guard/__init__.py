"""What stands between the model and the customer, and between the customer and Rasa. Pure text, no I/O.

* `unsupported_claims` - the claim gate: figures and promises in an answer that no source states.
* `neutralise`, `is_blank` - a customer's text made safe to hand to Rasa.
"""

from support.guard.claims import unsupported_claims
from support.guard.incoming import is_blank, neutralise

__all__ = ["is_blank", "neutralise", "unsupported_claims"]
