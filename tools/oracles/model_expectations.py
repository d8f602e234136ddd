"""What TensorFlow says about a net on an image, as one JSON value: logits to Grad-CAM maps."""

import numpy as np
import tensorflow as tf

from cam_formulas import maps_and_scales
from explain_net import explain
from fixture_json import float32, rounded, summary, uint8
from textured_images import model_input, textured_image


def in_json(name, array):
    return float32(array)


def expectations(
    architecture,
    tensors,
    *,
    endpoints,
    image_seed,
    input_gradients=False,
    exact_gradients=False,
    dtype=tf.float32,
    store=in_json,
):
    """Two classes are explained: the first and the third in rank.

    `store(name, array)` says where large arrays go and returns what stands in the JSON for them.
    `exact_gradients` also stores the input gradients of a run in float64, rounded to float32 at the
    very end: TensorFlow's own float32 is off by per cents at single pixels. All other values come from a
    run in `dtype` and are stored in float32.
    """
    settings = architecture["input"]
    pixels = textured_image(image_seed, settings["height"], settings["width"])
    x = model_input(pixels, settings)
    run = lambda dtype=dtype, **options: explain(
        architecture, tensors, x, dtype=dtype, **options
    )
    at = [*endpoints, "input"]
    ends, gradients = run(classes=first_and_third, endpoints=at)
    classes = list(gradients)
    exact_ends, exact_gradients = run(classes=classes, endpoints=at, dtype=tf.float64)
    pairs = [(name, index) for index in classes for name in endpoints]
    value = {
        "architecture": architecture,
        "image": {"seed": image_seed, **uint8(pixels)},
        "logits": float32(ends["logits"]),
        "ranking": [int(i) for i in np.argsort(-ends["logits"], kind="stable")[:5]],
        "classes": classes,
        "endpoints": {name: summary(a) for name, a in ends.items() if name != "input"},
        "activations": {name: store(f"activations/{name}", ends[name]) for name in endpoints},
        "gradients": {
            f"{name}@{index}": store(f"gradients/{name}@{index}", gradients[index][name])
            for name, index in pairs
        },
        "maps": {f"{n}@{i}": _maps(ends[n], gradients[i][n]) for n, i in pairs},
        "noise": {
            "logits": _off(ends["logits"], exact_ends["logits"], np.ptp(exact_ends["logits"])),
            **{n: _off(ends[n], exact_ends[n]) for n in endpoints},
            **{
                f"{n}@{i}": _map_noise(
                    (ends[n], gradients[i][n]), (exact_ends[n], exact_gradients[i][n])
                )
                for n, i in pairs
            },
        },
    }
    if input_gradients:
        index = classes[0]
        options = {"classes": [index], "endpoints": ["input"], "rule": "guided"}
        guided = run(**options)[1][index]["input"]
        exact_guided = run(**options, dtype=tf.float64)[1][index]["input"]
        value["inputGradients"] = {}
        for name, single, exact in (
            ("plain", gradients[index]["input"], exact_gradients[index]["input"]),
            ("guided", guided, exact_guided),
        ):
            value["inputGradients"][f"{name}@{index}"] = store(
                f"inputGradients/{name}@{index}", single
            )
            value["noise"][f"{name}@{index}"] = _pixel_noise(single, exact)
            if exact_gradients:
                value.setdefault("exactInputGradients", {})[f"{name}@{index}"] = store(
                    f"exactInputGradients/{name}@{index}", exact.astype(np.float32)
                )
    return value, ends, gradients


def first_and_third(logits):
    order = np.argsort(-logits, kind="stable")
    return [int(order[0]), int(order[2])]


def _maps(activations, gradients):
    found = maps_and_scales(activations, gradients)
    return {
        "scale": rounded(found["gradCam"][1]),
        **{name: float32(map_) for name, (map_, _) in found.items()},
        "scales": {name: rounded(scale) for name, (_, scale) in found.items()},
    }


def _map_noise(single, exact):
    """How far TensorFlow's own float32 is from float64, method by method, in the map's scale."""
    found, true = maps_and_scales(*single), maps_and_scales(*exact)
    return {name: _off(found[name][0], true[name][0], true[name][1]) for name in found}


def _pixel_noise(single, exact):
    """One ReLU of the first layers that opens in float32 alone moves a patch of pixels by per cents:
    beside the largest error, the share of values that are off by more than 1e-4."""
    error = np.abs(single - exact) / np.abs(exact).max()
    return {"max": rounded(error.max(), 3), "beyond1e-4": rounded((error > 1e-4).mean(), 3)}


def _off(single, exact, scale=None):
    scale = np.abs(exact).max() if scale is None else scale
    return rounded(np.abs(single - exact).max() / scale, 3)
