"""The lower layer of transition models: what each token adds to a state's hidden vector, by place in the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thinc.api import Model, normal_init
from thinc.types import Floats2d, Floats4d

Array = Any  # of floats or row numbers, on any device

SAMPLE = 5000  # states and tokens that the initialisation looks at, as published
TOLERANCE = 0.01
ROUNDS = 10


def PrecomputableAffine_v1(
    nO: int | None, nI: int | None, nF: int, nP: int, dropout: float = 0.1
) -> Model[Floats2d, Floats4d]:
    """spacy.PrecomputableAffine.v1: the affine layer of a transition model, computed for every token beforehand.

    A state's hidden vector is a sum over its feature tokens, so that what a token adds in each place is computed once
    for a batch, however many states the token is part of.

    nO: Width of the hidden vector; may be set later.
    nI: Width of the token vectors.
    nF: Number of feature tokens of a state: 8 (13 with extra tokens) for dependencies, 3 (6) for entities.
    nP: Pieces of the maxout that follows, 1 to 3.
    dropout: Written into the attribute `dropout_rate`, which the layer itself does not use.

    Returns a model: token vectors (n, nI) in; out, a matrix (n + 1, nF, nO, nP), whose first row stands for missing
    tokens. Its backward pass takes a pair: the gradient of the states' sums (states, nO, nP), and the rows of their
    feature tokens (states, nF), -1 where one is missing; and gives (states, nF, nI).

    As published, the gradient of `W` takes a missing token for the last one of the batch.
    """
    return Model(
        "precomputable_affine",
        forward,
        init=init,
        dims={"nO": nO, "nI": nI, "nF": nF, "nP": nP},
        params={"W": None, "b": None, "pad": None},
        attrs={"dropout_rate": dropout},
    )


def forward(model: Any, X: Array, is_train: bool) -> tuple[Array, Callable[[tuple[Array, Array]], Any]]:
    """Multiply every token vector with the weights of every place."""
    nF, nO, nP, nI = (model.get_dim(dim) for dim in ("nF", "nO", "nP", "nI"))
    W = model.get_param("W")
    output = model.ops.alloc2f(X.shape[0] + 1, nF * nO * nP, zeros=False)
    output[0] = model.get_param("pad").reshape(-1)
    if X.shape[0]:
        model.ops.gemm(X, W.reshape((nF * nO * nP, nI)), trans2=True, out=output[1:])

    def backprop(d_states: tuple[Array, Array]) -> Array:
        return backward(model, X, *d_states)

    return output.reshape((X.shape[0] + 1, nF, nO, nP)), backprop


def backward(model: Any, X: Array, dY: Array, ids: Array) -> Array:
    """Add the gradients of the parameters, and give that of each state's tokens. See `PrecomputableAffine_v1`."""
    nF, nO, nP, nI = (model.get_dim(dim) for dim in ("nF", "nO", "nP", "nI"))
    ops, W, count = model.ops, model.get_param("W"), dY.shape[0]
    flat = dY.reshape((count, nO * nP))
    missing = ops.asarray(ids < 0, dtype="float32")
    model.inc_grad("pad", ops.gemm(missing, flat, trans1=True).reshape((1, nF, nO, nP)))
    model.inc_grad("b", dY.sum(axis=0))
    # As published: -1 takes the last token.
    tokens = X[ids].reshape((count, nF * nI))
    d_tokens = ops.gemm(flat, W.transpose((1, 2, 0, 3)).reshape((nO * nP, nF * nI)))
    d_W = ops.gemm(flat, tokens, trans1=True).reshape((nO, nP, nF, nI))
    model.inc_grad("W", d_W.transpose((2, 0, 1, 3)))
    return d_tokens.reshape((count, nF, nI))


def collect(model: Any, dY: Array, ids: Array, n_tokens: int) -> Array:
    """Add up the gradients of states by token and place. *Shape:* (n_tokens + 1, nF, nO * nP); row 0: missing."""
    ops, nF = model.ops, model.get_dim("nF")
    sums = ops.alloc2f((n_tokens + 1) * nF, dY.shape[1])
    rows = (ops.asarray(ids) + 1) * nF + ops.xp.arange(nF)
    for place in range(nF if dY.shape[0] else 0):
        ops.scatter_add(sums, ops.asarray1i(rows[:, place]), dY)
    return sums.reshape((n_tokens + 1, nF, dY.shape[1]))


def learn(model: Any, X: Array, sums: Array, d_bias: Array, *, as_published: bool = True) -> None:
    """Add the gradients of the parameters.

    X: The token vectors.
    sums: What `collect` gives.
    d_bias: Gradient of the bias. *Shape:* (nO, nP).
    as_published: Whether missing tokens count as the last token in the gradient of W, as in every model so far.
    """
    nF, nO, nP, nI = (model.get_dim(dim) for dim in ("nF", "nO", "nP", "nI"))
    model.inc_grad("pad", sums[0].reshape((1, nF, nO, nP)))
    model.inc_grad("b", d_bias.reshape((nO, nP)))
    if not X.shape[0]:
        return
    flat = sums.reshape((sums.shape[0], nF * nO * nP))
    d_weights = model.ops.gemm(flat[1:], X, trans1=True)
    if as_published:
        d_weights += model.ops.xp.outer(flat[0], X[-1])
    model.inc_grad("W", d_weights.reshape((nF, nO, nP, nI)))


def d_tokens(model: Any, sums: Array) -> Array:
    """The gradient of the token vectors. *Shape:* (n_tokens, nI)."""
    W = model.get_param("W")
    nF, nO, nP, nI = W.shape
    return model.ops.gemm(sums[1:].reshape((sums.shape[0] - 1, nF * nO * nP)), W.reshape((nF * nO * nP, nI)))


def init(model: Any, X: Any = None, Y: Any = None) -> None:
    """Draw weights, then scale them until sums over random whitened tokens have variance 1 and mean 0.

    Weights that are there already, and are not all zero, stay.
    """
    given = model.maybe_get_param("W")
    if given is not None and given.any():
        return
    ops, xp = model.ops, model.ops.xp
    nF, nO, nP, nI = (model.get_dim(dim) for dim in ("nF", "nO", "nP", "nI"))
    model.set_param("W", normal_init(ops, (nF, nO, nP, nI), mean=float(xp.sqrt(1.0 / nF * nI))))
    model.set_param("b", ops.alloc2f(nO, nP))
    model.set_param("pad", normal_init(ops, (1, nF, nO, nP), mean=1.0))
    # The draws, their order and their shapes are part of the published name: one seed gives one model.
    ids = ops.asarray(xp.random.uniform(0, 1000, (SAMPLE, nF)).astype("float32"), dtype="i")
    tokens = ops.asarray2f(xp.random.normal(loc=0.0, scale=1.0, size=SAMPLE * nI).reshape((SAMPLE, nI)))
    for _ in range(ROUNDS):
        activity = _sample_activity(model, ids, tokens[:-1])
        variance, mean = xp.var(activity), xp.mean(activity)
        if abs(variance - 1.0) >= TOLERANCE:
            model.set_param("W", model.get_param("W") / xp.sqrt(variance))
        elif abs(mean) >= TOLERANCE:
            model.set_param("b", model.get_param("b") - mean)
        else:
            break


def _sample_activity(model: Any, ids: Array, tokens: Array) -> Array:
    ops = model.ops
    nO, nP = model.get_dim("nO"), model.get_dim("nP")
    table = model.predict(tokens).reshape((-1, nO * nP))
    # As published: the numbers are rows of the table of tokens and places, the n-th of all numbers goes to sum n.
    sums = ops.alloc2f(ids.shape[0], nO * nP)
    ops.scatter_add(sums, ops.asarray1i(ids.reshape(-1)), table)
    states = sums.reshape((ids.shape[0], nO, nP)) + model.get_param("b")
    return ops.maxout(ops.asarray3f(states))[0] if nP >= 2 else states * (states >= 0)
