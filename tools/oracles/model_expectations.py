"""What TensorFlow says about a net on an image, as one JSON value: logits to Grad-CAM maps."""

import numpy as np

from cam_formulas import all_maps
from explain_net import explain
from fixture_json import float32, rounded, summary, uint8
from textured_images import model_input, textured_image
from variable_sources import StoredVariables


def in_json(name, array):
    return float32(array)


def expectations(
    architecture, tensors, *, endpoints, image_seed, input_gradients=False, store=in_json
):
    """Two classes are explained: the first and the third in rank.

    `store(name, array)` says where large arrays go and returns what stands in the JSON for them.
    """
    settings = architecture["input"]
    pixels = textured_image(image_seed, settings["height"], settings["width"])
    x = model_input(pixels, settings)
    source = StoredVariables(tensors)
    at = [*endpoints, "input"]
    ends, gradients = explain(architecture, source, x, classes=first_and_third, endpoints=at)
    classes = list(gradients)
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
            for index in classes
            for name in endpoints
        },
        "maps": {
            f"{name}@{index}": _maps(ends[name], gradients[index][name])
            for index in classes
            for name in endpoints
        },
    }
    if input_gradients:
        index = classes[0]
        _, guided = explain(
            architecture, source, x, classes=[index], endpoints=["input"], rule="guided"
        )
        value["inputGradients"] = {
            f"plain@{index}": store(f"inputGradients/plain@{index}", gradients[index]["input"]),
            f"guided@{index}": store(f"inputGradients/guided@{index}", guided[index]["input"]),
        }
    return value, ends, gradients


def first_and_third(logits):
    order = np.argsort(-logits, kind="stable")
    return [int(order[0]), int(order[2])]


def scale_of_cam(activations, gradients):
    """The yardstick of a Grad-CAM's error: max over cells of sum_k |w_k A_k|."""
    weights = gradients.astype(np.float64).mean((0, 1))
    return float((np.abs(weights) * np.abs(activations.astype(np.float64))).sum(-1).max())


def _maps(activations, gradients):
    maps = {name: float32(map_) for name, map_ in all_maps(activations, gradients).items()}
    return {"scale": rounded(scale_of_cam(activations, gradients)), **maps}
