from sandbox.kubernetes_provider.objects import Kind
from sandbox.kubernetes_provider.schemas import is_builtin, published
from sandbox.kubernetes_provider.state_only import STATE_ONLY, WITHOUT_CONTROLLER
from sandbox.summary import state_only_types

# The lists may not grow by accident: a new entry has to be wanted here as well.
KNOWN = {
    "kubernetes:eks.amazonaws.com/v1:NodeClass",
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
    "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:networking.k8s.io/v1:Ingress",
}


def test_the_lists_are_those_that_were_agreed_on():
    assert set(STATE_ONLY) | set(WITHOUT_CONTROLLER) == KNOWN
    assert not set(STATE_ONLY) & set(WITHOUT_CONTROLLER)


def test_every_entry_has_a_reason_and_people_see_it():
    for token, reason in {**STATE_ONLY, **WITHOUT_CONTROLLER}.items():
        assert len(reason.split()) > 5
        assert state_only_types()[token] == reason


def test_what_no_controller_acts_on_is_judged_by_a_schema():
    for token in WITHOUT_CONTROLLER:
        kind = Kind.of_token(token)
        assert is_builtin(kind) or published(kind)
