"""The alert step: figures in, alerts out, and messages about them to whoever is to be told.

``rules`` and ``settings`` say what is unusual, ``figures`` measures it, ``decision`` raises and clears, ``message``
writes, ``delivery`` says what is still to be told to whom, ``sending`` and ``messenger`` tell it. Only the last two do
I/O.
"""

from sentinel.alerts.decision import Verdict, judge
from sentinel.alerts.delivery import Outcome, Plan, plan_deliveries, settle
from sentinel.alerts.figures import Evidence, measure
from sentinel.alerts.message import Message, build_message, build_test_message
from sentinel.alerts.rules import Figure, Rule
from sentinel.alerts.sending import check_targets, send_messages
from sentinel.alerts.settings import AlertSettings

__all__ = [
    "AlertSettings",
    "Evidence",
    "Figure",
    "Message",
    "Outcome",
    "Plan",
    "Rule",
    "Verdict",
    "build_message",
    "build_test_message",
    "check_targets",
    "judge",
    "measure",
    "plan_deliveries",
    "send_messages",
    "settle",
]
