"""Class activation maps from activations and gradients of one layer, [h, w, K] each, in float64.

Every map is raw: signed where the formula is, at layer resolution, before any final ReLU.
"""

import numpy as np


def all_maps(activations, gradients):
    return {name: map_ for name, (map_, _) in maps_and_scales(activations, gradients).items()}


def maps_and_scales(activations, gradients):
    """{method: (map, scale)}; the scale is the yardstick of its error: the largest sum over channels
    of what is added up in a cell, without signs. Cancellation makes a map small, not its error."""
    a, g = np.asarray(activations, np.float64), np.asarray(gradients, np.float64)
    terms = {
        "gradCam": g.mean((0, 1)) * a,
        "hiResCam": g * a,
        "gradCamPlusPlus": plus_plus_weights(a, g) * a,
        "layerCam": np.maximum(g, 0) * a,
        "xGradCam": x_grad_weights(a, g) * a,
    }
    return {name: (t.sum(-1), float(np.abs(t).sum(-1).max())) for name, t in terms.items()}


def plus_plus_weights(a, g):
    """Chattopadhay et al. 2018, eq. 19, with y = exp(score): alpha = g2 / (2 g2 + g3 sum(A)).

    The common factor exp(score) is left out: it scales the map and overflows above 88. A cell with
    zero gradient has alpha 0, as has one whose denominator vanishes.
    """
    denominator = 2 * g**2 + g**3 * a.sum((0, 1))
    safe = np.where(denominator == 0, 1, denominator)
    alpha = np.where(denominator == 0, 0, g**2 / safe)
    return (alpha * np.maximum(g, 0)).sum((0, 1))


def x_grad_weights(a, g):
    """Fu et al. 2020: gradient times activation over the channel's sum; a silent channel has 0."""
    total = a.sum((0, 1))
    return np.where(total == 0, 0, (g * a).sum((0, 1)) / np.where(total == 0, 1, total))
