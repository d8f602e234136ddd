# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["tensorflow-cpu==2.21.0", "numpy==2.4.6", "torch==2.13.0", "pillow==12.3.0"]
# ///
"""Maps as six libraries and programs display them, from random activations and gradients.

Written anew from what the named files do, in float64 NumPy; enlargements by the library that the
peer calls where it is at hand (Pillow, PyTorch's interpolate, TensorFlow's ResizeBilinear), by
coordinates where it is not (scipy.ndimage.zoom, scikit-image). Writes
packages/core/test/fixtures/presets/*.json.

python tools/oracles/peer_maps.py
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
import torch
from PIL import Image

from fixture_json import float32, write_json

OUT = Path(__file__).parents[2] / "packages/core/test/fixtures/presets"
SEED = 11


def main():
    rng = np.random.default_rng(SEED)
    OUT.mkdir(parents=True, exist_ok=True)
    cases = {
        # After a ReLU: no negative activation, a third of them zero.
        "after-relu": draw(rng, (5, 7, 6), (17, 21), positive=True),
        # Before one: signs everywhere, so that sums nearly cancel.
        "before-relu": draw(rng, (7, 7, 4), (14, 28), positive=False),
        # A grid of one cell has no neighbours to interpolate with.
        "one-cell": draw(rng, (1, 1, 5), (6, 4), positive=True),
    }
    for name, case in cases.items():
        write_json(OUT / f"{name}.json", describe(case))
        print("wrote", name)


def draw(rng, shape, size, positive):
    activations = rng.normal(0.3 if positive else 0, 1, shape)
    gradients = rng.normal(0.1, 0.5, shape)
    if positive:
        activations = np.maximum(activations, 0)
        gradients[..., 0] = np.abs(gradients[..., 0])
        activations[..., 0] += 1  # one channel speaks for the class everywhere
        gradients[..., -1] = 0  # one has no gradient at all
    pixels = rng.normal(0, 1, (*size, 3))
    # What the tests read is float32: the same numbers here.
    rounded = [np.float64(np.float32(x)) for x in (activations, gradients, pixels)]
    return {"a": rounded[0], "g": rounded[1], "pixels": rounded[2], "score": 0.75, "size": size}


def describe(case):
    grid, pixels = {}, {}
    for peer, (methods, show) in GRID.items():
        for method, compute in methods.items():
            raw = compute(case["a"], case["g"], case["score"])
            shown = show(raw, case["size"], method)
            grid[f"{peer}/{method}"] = {"raw": float32(raw), "display": float32(shown)}
    for name, compute in PIXELS.items():
        pixels[name] = {"display": float32(compute(case))}
    return {
        "activations": float32(case["a"]),
        "gradients": float32(case["g"]),
        "inputGradients": float32(case["pixels"]),
        "score": case["score"],
        "size": list(case["size"]),
        "grid": grid,
        "pixels": pixels,
    }


# --- raw maps -----------------------------------------------------------------------------------


def grad_cam(a, g, _):
    return (g.mean((0, 1)) * a).sum(-1)


def hires_cam(a, g, _):
    return (g * a).sum(-1)


def elementwise(a, g, _):
    return np.maximum(g * a, 0).sum(-1)


def layer_cam(a, g, _):
    return (np.maximum(g, 0) * a).sum(-1)


def cam(a, g, _):
    # Of a mean and a linear layer the summed gradient is the layer's weight.
    return (g.sum((0, 1)) * a).sum(-1)


def x_grad_cam(guard):
    """jacobgil/pytorch-grad-cam xgrad_cam.py; frgfm/torch-cam methods/gradient.py, XGradCAM"""

    def compute(a, g, _):
        weights = (g * a / (a.sum((0, 1)) + guard)).sum((0, 1))
        return (weights * a).sum(-1)

    return compute


def plus_plus_pytorch_grad_cam(a, g, _):
    """jacobgil/pytorch-grad-cam grad_cam_plusplus.py"""
    alpha = g**2 / (2 * g**2 + a.sum((0, 1)) * g**3 + 1e-6)
    weights = (np.maximum(g, 0) * np.where(g != 0, alpha, 0)).sum((0, 1))
    return (weights * a).sum(-1)


def plus_plus_torchcam(a, g, _):
    """frgfm/torch-cam methods/gradient.py, GradCAMpp: the masked division is of a copy, run here"""
    alpha = torch.tensor(g).pow(2)
    denominator = 2 * alpha + (torch.tensor(g).pow(3) * torch.tensor(a)).sum((0, 1))
    mask = alpha > 0
    alpha[mask].div_(denominator[mask] + 1e-8)
    weights = alpha.mul_(torch.relu(torch.tensor(g))).sum((0, 1)).numpy()
    return (weights * a).sum(-1)


def plus_plus_tf_keras_vis(a, g, score):
    """keisen/tf-keras-vis gradcam_plus_plus.py"""
    first = np.exp(score) * g
    second, third = first * g, first * g * g
    denominator = 2 * second + third * a.sum((0, 1))
    alpha = second / (denominator + (second == 0))
    total = alpha.sum((0, 1))
    alpha = alpha / (total + (total == 0))
    return ((np.maximum(first, 0) * alpha).sum((0, 1)) * a).sum(-1)


# --- enlargements -------------------------------------------------------------------------------


def interpolate(map_, size, **options):
    values = torch.tensor(np.asarray(map_))[None, None]
    return torch.nn.functional.interpolate(values, size, **options)[0, 0].numpy()


def half_pixel(map_, size):
    return interpolate(map_, size, mode="bilinear", align_corners=False)


def blocks(map_, size):
    return interpolate(map_, size, mode="nearest")


def zoom(map_, size):
    """scipy.ndimage.zoom, order 1: output i of n stands at i * (from - 1) / (n - 1)."""
    return interpolate(map_, size, mode="bilinear", align_corners=True)


def legacy(map_, size):
    """tf.image.resizeBilinear of tfjs without options."""
    values = np.asarray(map_, np.float32)[None, ..., None]
    return tf.raw_ops.ResizeBilinear(images=values, size=size).numpy()[0, ..., 0]


def bicubic(map_, size):
    mask = Image.fromarray(np.asarray(map_, np.float32))
    return np.asarray(mask.resize((size[1], size[0]), resample=Image.BICUBIC))


def zeros_around(map_, size):
    """skimage.transform.resize before 0.15 (_warps.py: resize, warp, _clip_warp_output): order 1,
    mode 'constant' with 0, cut to the range of the input."""
    rows, columns = map_.shape
    padded = np.pad(map_, 1)
    out = np.zeros(size)
    for y in range(size[0]):
        for x in range(size[1]):
            r = (y + 0.5) * rows / size[0] - 0.5 + 1
            c = (x + 0.5) * columns / size[1] - 0.5 + 1
            top, left = int(np.floor(r)), int(np.floor(c))
            dr, dc = r - top, c - left
            bottom, right = min(top + 1, rows + 1), min(left + 1, columns + 1)
            above = (1 - dc) * padded[top, left] + dc * padded[top, right]
            below = (1 - dc) * padded[bottom, left] + dc * padded[bottom, right]
            out[y, x] = (1 - dr) * above + dr * below
    return np.clip(out, map_.min(), map_.max())


# --- displays -----------------------------------------------------------------------------------


def by_range(map_, guard):
    shifted = map_ - map_.min()
    return shifted / (shifted.max() + guard)


def by_max(map_):
    # The peers divide by nothing where a map is zero; what we show instead is zero.
    return map_ / map_.max() if map_.max() > 0 else map_


def show_pytorch_grad_cam(raw, size, _=None):
    """base_cam.py compute_cam_per_layer, aggregate_multi_layers; utils/image.py scale_cam_image"""
    small = by_range(np.maximum(raw, 0), 1e-7)
    return by_range(half_pixel(small, size), 1e-7)


def show_torchcam(raw, size, method):
    """methods/core.py compute_cams, _normalize; CAM has no ReLU (activation.py); utils.py"""
    return bicubic(by_range(raw if method == "cam" else np.maximum(raw, 0), 1e-8), size)


def show_tf_keras_vis(raw, size, _):
    """gradcam.py, utils standardize"""
    large = zoom(np.maximum(raw, 0), size)
    return (large - large.min()) / (large.max() - large.min() + 1e-7)


def show_captum(raw, size, _):
    """attr/_core/layer/grad_cam.py, LayerAttribution.interpolate"""
    return blocks(raw, size)


def show_tfjs_examples(raw, size, _):
    """visualize-convnet/cam.js; the mean over channels rather than the sum divides out"""
    return legacy(by_max(np.maximum(raw, 0)), size)


def show_insikk(raw, size, _=None):
    """utils.py visualize"""
    return zeros_around(by_max(np.maximum(raw, 0)), size)


GRID = {
    "pytorch-grad-cam": (
        {
            "grad-cam": grad_cam,
            "grad-cam-plus-plus": plus_plus_pytorch_grad_cam,
            "hires-cam": hires_cam,
            "layer-cam": layer_cam,
            "xgrad-cam": x_grad_cam(1e-7),
            "grad-cam-elementwise": elementwise,
        },
        show_pytorch_grad_cam,
    ),
    "torchcam": (
        {
            "grad-cam": grad_cam,
            "grad-cam-plus-plus": plus_plus_torchcam,
            "layer-cam": layer_cam,
            "xgrad-cam": x_grad_cam(1e-8),
            "cam": cam,
        },
        show_torchcam,
    ),
    "tf-keras-vis": (
        {
            "grad-cam": grad_cam,
            "grad-cam-plus-plus": plus_plus_tf_keras_vis,
            "hires-cam": hires_cam,
            "layer-cam": layer_cam,
        },
        show_tf_keras_vis,
    ),
    "captum": ({"grad-cam": grad_cam}, show_captum),
    "tfjs-examples": ({"grad-cam": grad_cam}, show_tfjs_examples),
    "insikk": ({"grad-cam": grad_cam}, show_insikk),
}


# --- gradients at the input ---------------------------------------------------------------------


def deprocess(pixels):
    """jacobgil/pytorch-grad-cam utils/image.py deprocess_image, before its conversion to bytes"""
    return np.clip((pixels - pixels.mean()) / (pixels.std() + 1e-5) * 0.1 + 0.5, 0, 1)


def saliency(case):
    """keisen/tf-keras-vis saliency.py"""
    largest = np.abs(case["pixels"]).max(-1)
    return (largest - largest.min()) / (largest.max() - largest.min() + 1e-7)


def raw_cam(case):
    return grad_cam(case["a"], case["g"], None)


def guided_pytorch_grad_cam(case):
    """cam.py: deprocess_image(cam_mask * gb)"""
    mask = show_pytorch_grad_cam(raw_cam(case), case["size"])
    return deprocess(mask[..., None] * case["pixels"])


def guided_captum(case):
    """attr/_core/guided_grad_cam.py; visualization.py sums channels"""
    mask = blocks(np.maximum(raw_cam(case), 0), case["size"])
    return (mask[..., None] * case["pixels"]).sum(-1)


def guided_insikk(case):
    """utils.py visualize: gd_gb"""
    return show_insikk(raw_cam(case), case["size"])[..., None] * by_range(case["pixels"], 0)


PIXELS = {
    "pytorch-grad-cam/guided-backprop": lambda case: deprocess(case["pixels"]),
    "pytorch-grad-cam/guided-grad-cam": guided_pytorch_grad_cam,
    "tf-keras-vis/gradient": saliency,
    "tf-keras-vis/guided-backprop": saliency,
    "captum/gradient": lambda case: np.abs(case["pixels"]).sum(-1),
    "captum/input-x-gradient": lambda case: case["pixels"].sum(-1),
    "captum/guided-backprop": lambda case: case["pixels"].sum(-1),
    "captum/deconvnet": lambda case: case["pixels"].sum(-1),
    "captum/guided-grad-cam": guided_captum,
    "insikk/guided-backprop": lambda case: by_range(case["pixels"], 0),
    "insikk/guided-grad-cam": guided_insikk,
}


if __name__ == "__main__":
    main()
