"""What stands between the model and the customer, and between the customer and Rasa. Pure text, no I/O.

* `judge` - the claim gate: what an answer claims, and whether its sources bear it out; `unsupported_claims`,
  for those who need only the words of what they do not.
* `content.Content` - the content filter, for customers' messages, documents and answers, by `content.yml`.
* `neutralise`, `is_blank` - a customer's text made safe to hand to Rasa.
"""

from support.guard.claims import Verdict, judge, unsupported_claims
from support.guard.court import Claim
from support.guard.incoming import is_blank, neutralise

__all__ = ["Claim", "Verdict", "is_blank", "judge", "neutralise", "unsupported_claims"]
