"""The explanation names the gates that were passed, and none beyond the one that decided."""

import pytest

from doorward_daemon.model.decision import DecisionRule
from doorward_daemon.recognition.explainer import GATES, gates_before


@pytest.mark.parametrize(
    ("rule", "passed"),
    [
        (DecisionRule.NO_FACE_FOUND, ()),
        (DecisionRule.PRE_GATE, ("detect",)),
        (DecisionRule.GATE, ("detect", "pre_gate")),
        (DecisionRule.LIVENESS, ("detect", "pre_gate", "gate")),
        (DecisionRule.BELOW_THRESHOLD, ("detect", "pre_gate", "gate", "liveness")),
        (DecisionRule.BELOW_MARGIN, ("detect", "pre_gate", "gate", "liveness", "threshold")),
        (DecisionRule.THRESHOLD_AND_MARGIN, GATES),
    ],
)
def test_the_gates_before_a_rule_were_passed(rule: DecisionRule, passed: tuple[str, ...]):
    assert gates_before(rule) == passed
