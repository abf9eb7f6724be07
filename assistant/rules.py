"""What the policy of rules looks at: the end of a conversation, by intents alone where rules name no texts.

Rasa turns every action of the conversation into a state, twice for each prediction (the first time with the
customer's words, for rules that name them), though no state matters that is older than the longest rule.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from assistant.replaced import replaces
from assistant.trackers import Tracker

Found = tuple[str | None, str | None, bool]


class _Rules(NamedTuple):
    """What is known of a policy's rules: the states of the longest, whether one may follow words."""

    longest: int
    by_words: bool


_all_states = Policy._prediction_states
_by_rules = RulePolicy._find_action_from_rules


@replaces("rasa.core.policies.policy", "Policy._prediction_states", "ed9b82bed2f2")
def _prediction_states(
    self: Policy, tracker: DialogueStateTracker, domain: Domain, *args: Any, **options: Any
) -> list[Any]:
    """For rules, as many of the last states as the longest of them has."""
    if isinstance(self, RulePolicy) and isinstance(tracker, Tracker):
        tracker = tracker.recent(_rules_of(self).longest)
    states: list[Any] = _all_states(self, tracker, domain, *args, **options)
    return states


@replaces("rasa.core.policies.rule_policy", "RulePolicy._find_action_from_rules", "be6da6ee0f54")
def _find_action_from_rules(
    self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
) -> Found:
    """Nothing, at once, where words are asked for and no rule could answer to them."""
    if use_text_for_last_user_input and not _rules_of(self).by_words:
        return None, None, False
    found: Found = _by_rules(self, tracker, domain, use_text_for_last_user_input)
    return found


def _rules_of(policy: RulePolicy) -> _Rules:
    tables = (policy.lookup.get(name) or {} for name in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH))
    return _read(tuple(key for table in tables for key in table))


@lru_cache(maxsize=4)
def _read(keys: tuple[str, ...]) -> _Rules:
    rules = [json.loads(key) for key in keys]
    return _Rules(max(map(len, rules), default=1), any(map(_may_follow_words, rules)))


def _may_follow_words(rule: list[Any]) -> bool:
    """Whether it may match a message by its words: not when it asks for an intent, or follows an action."""
    last = rule[-1]
    listens = last.get(PREVIOUS_ACTION, {}).get(ACTION_NAME) == ACTION_LISTEN_NAME
    return listens and INTENT not in last.get(USER, {})
