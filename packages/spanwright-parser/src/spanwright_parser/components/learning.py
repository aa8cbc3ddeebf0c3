"""One training step of a transition-based component: follow the model's own actions, learn from the oracle's costs."""

from __future__ import annotations

from typing import Any

import numpy

from ..layers.scores import on_cpu, probabilities
from ..layers.steps import Steps


def learn_greedily(steps: Steps, states: Any, gold: Any, unseen: set[int], max_moves: int) -> float:
    """Score every state, take the gradient of the loss against the best actions, and follow the model's choice.

    steps: Scores states, in training.
    states: Where to start; they move on.
    gold: What the actions are compared with.
    unseen: Actions that training has not met; those that are right somewhere are taken out.
    max_moves: Steps after which a state is left as it is; 0: none.

    Returns the loss: the sum of the squared gradients, as published. The gradients wait in `steps`.
    """
    loss = 0.0
    taken = 0
    rows = states.active
    while len(rows):
        scores, backprop = steps.begin_update(states, rows)
        scores = on_cpu(scores)
        gradient, seen, _ = states.gradient(gold, scores, rows)
        if unseen:
            unseen.difference_update(numpy.flatnonzero(seen).tolist())
        loss += float(numpy.square(gradient).sum())
        backprop(gradient)
        states.follow(scores, rows)
        if 1 <= max_moves <= taken:
            break
        taken += 1
        rows = states.active
    return loss


def parse_in_steps(steps: Steps, states: Any) -> None:
    """Follow the best actions to the end, step by step: for devices and models that the compiled loop does not serve.

    The scores of a step stay on the device; the choices are what comes back, once a step.
    """
    rows = states.active
    while len(rows):
        if steps.on_cpu:
            states.follow(steps.predict(states, rows), rows)
        else:
            _step_on_device(steps, states, rows)
        rows = states.active


def _step_on_device(steps: Steps, states: Any, rows: Any) -> None:
    valid = states.valid(rows)
    stuck = ~valid.any(axis=1)
    states.finish(rows[stuck])
    rows, valid = rows[~stuck], valid[~stuck]
    if len(rows):
        xp = steps.ops.xp
        scores = xp.where(steps.ops.asarray(valid), steps.predict(states, rows), -xp.inf)
        states.advance(on_cpu(scores.argmax(axis=1)).astype("int32"), rows)


def rehearse_scores(steps: Steps, teacher: Steps, states: Any) -> float:
    """Draw the scores of all states to the teacher's; returns the mean squared gradient.

    Actions that the teacher does not know are left alone. Published training drops out hidden values of the teacher,
    too: noise that changes no gradient on average, and is left away here.
    """
    loss, count = 0.0, 0
    rows = states.active
    known = min(teacher.nO, steps.nO)
    while len(rows):
        targets = on_cpu(teacher.predict(states, rows))[:, :known]
        scores, backprop = steps.begin_update(states, rows)
        scores = on_cpu(scores)
        gradient = numpy.zeros_like(scores)
        gradient[:, :known] = (scores[:, :known] - targets) / len(rows)
        gradient[:, steps.unseen] = 0.0
        loss += float(numpy.square(gradient).sum())
        count += gradient.size
        backprop(gradient)
        states.follow(scores, rows)
        rows = states.active
    return loss / count if count else 0.0


def distill_scores(steps: Steps, teacher: Steps, states: Any) -> float:
    """Draw the probabilities of the valid actions to the teacher's, along the student's own path.

    Returns the cross-entropy, as a mean over the states.
    """
    loss, count = 0.0, 0
    rows = states.active
    while len(rows):
        valid = states.valid(rows)
        targets = probabilities(on_cpu(teacher.predict(states, rows)), valid)
        scores, backprop = steps.begin_update(states, rows)
        scores = on_cpu(scores)
        found = probabilities(scores, valid)
        loss -= float((targets * numpy.log(numpy.maximum(found, 1e-10))).sum())
        count += len(rows)
        backprop((found - targets).astype("float32"))
        states.follow(scores, rows)
        rows = states.active
    return loss / count if count else 0.0
