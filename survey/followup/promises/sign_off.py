"""How far a version of a promise has come: written, signed by both, published, withdrawn or discarded."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from survey.models.promise import StepKind


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    AWAITS_POLICE = "awaits_police"
    AWAITS_MUNICIPALITY = "awaits_municipality"
    AGREED = "agreed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


MOVES: Mapping[State, Mapping[StepKind, State]] = {
    State.DRAFT: {
        StepKind.SIGN_MUNICIPALITY: State.AWAITS_POLICE,
        StepKind.SIGN_POLICE: State.AWAITS_MUNICIPALITY,
        StepKind.DISCARD: State.DISCARDED,
    },
    State.AWAITS_POLICE: {StepKind.SIGN_POLICE: State.AGREED, StepKind.TAKE_BACK: State.DRAFT},
    State.AWAITS_MUNICIPALITY: {StepKind.SIGN_MUNICIPALITY: State.AGREED, StepKind.TAKE_BACK: State.DRAFT},
    State.AGREED: {StepKind.PUBLISH: State.PUBLISHED, StepKind.WITHDRAW: State.WITHDRAWN},
    State.PUBLISHED: {StepKind.WITHDRAW: State.WITHDRAWN},
    State.WITHDRAWN: {},
    State.DISCARDED: {},
}
SIGNING = frozenset({StepKind.SIGN_MUNICIPALITY, StepKind.SIGN_POLICE})
SIGNED = frozenset({State.AGREED, State.PUBLISHED})
UNSIGNED = frozenset({State.DRAFT, State.DISCARDED})
_HAS_SIGNED = {
    State.AWAITS_POLICE: StepKind.SIGN_MUNICIPALITY,
    State.AWAITS_MUNICIPALITY: StepKind.SIGN_POLICE,
}


def state_of(steps: Iterable[StepKind]) -> State:
    """The state after the steps in their order; a step that was not allowed is a fault of ours."""
    state = State.DRAFT
    for step in steps:
        state = MOVES[state][step]
    return state


def allowed(state: State) -> frozenset[StepKind]:
    """The steps that may be taken next."""
    return frozenset(MOVES[state])


def is_of_other(step: StepKind, state: State, own: StepKind | None) -> bool:
    """Whether a step is for the other party alone: to sign for them, or to take their signature back."""
    signature = _HAS_SIGNED.get(state) if step is StepKind.TAKE_BACK else step
    return signature in SIGNING and signature is not own
