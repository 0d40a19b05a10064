"""How far a version of a promise has come: written, signed by both, published, withdrawn."""

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


MOVES: Mapping[State, Mapping[StepKind, State]] = {
    State.DRAFT: {
        StepKind.SIGN_MUNICIPALITY: State.AWAITS_POLICE,
        StepKind.SIGN_POLICE: State.AWAITS_MUNICIPALITY,
    },
    State.AWAITS_POLICE: {StepKind.SIGN_POLICE: State.AGREED},
    State.AWAITS_MUNICIPALITY: {StepKind.SIGN_MUNICIPALITY: State.AGREED},
    State.AGREED: {StepKind.PUBLISH: State.PUBLISHED, StepKind.WITHDRAW: State.WITHDRAWN},
    State.PUBLISHED: {StepKind.WITHDRAW: State.WITHDRAWN},
    State.WITHDRAWN: {},
}
SIGNING = frozenset({StepKind.SIGN_MUNICIPALITY, StepKind.SIGN_POLICE})
SIGNED = frozenset({State.AGREED, State.PUBLISHED})


def state_of(steps: Iterable[StepKind]) -> State:
    """The state after the steps in their order; a step that was not allowed is a fault of ours."""
    state = State.DRAFT
    for step in steps:
        state = MOVES[state][step]
    return state


def allowed(state: State) -> frozenset[StepKind]:
    """The steps that may be taken next."""
    return frozenset(MOVES[state])
