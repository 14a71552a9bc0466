"""What counts as passing liveness."""

import pytest

from doorward_daemon.model.liveness import LivenessPolicy, LivenessVerdict
from doorward_daemon.tools.eval_liveness import passes


@pytest.mark.parametrize(
    ("policy", "passing"),
    [
        (LivenessPolicy.REQUIRED, {LivenessVerdict.LIVE}),
        (LivenessPolicy.PREFERRED, {LivenessVerdict.LIVE, LivenessVerdict.UNSURE, LivenessVerdict.NOT_CHECKED}),
    ],
)
def test_a_presentation_passes_as_the_doors_policy_says(policy, passing):
    assert {verdict for verdict in LivenessVerdict if passes(policy, verdict)} == passing
