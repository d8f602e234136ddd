# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["numpy==2.4.6"]
# ///
"""Writes packages/core/test/fixtures/black-box: methods of many runs on tiny nets, in float64.

python tools/oracles/black_box_cases.py
"""

from pathlib import Path

import numpy as np

from black_box_net import CLASSES, Mulberry32, TinyNet, enlarge, gaussians, softmax
from fixture_json import float32, rounded, write_json

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/black-box"
SEED = 5
HEIGHT, WIDTH, CHANNELS = 7, 6, 2


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for i, head in enumerate(("flat", "mean")):
        random = np.random.Generator(np.random.PCG64(SEED + i))
        net = TinyNet(random, head)
        x = random.uniform(-1, 1.5, (HEIGHT, WIDTH, CHANNELS)).astype(np.float32)
        value = write_case(net, x.astype(np.float64))
        # Nearer than this, float32 might see a ReLU open that is closed in float64.
        assert net.nearest_kink > 1e-6, net.nearest_kink
        write_json(FOLDER / f"{head}.json", value)
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/black_box_cases.py` (one command) with NumPy {np.__version__}; seed {SEED}.
A convolution, a ReLU and a linear head with drawn weights, computed in float64 with derivatives
written out, stored as base64 of little-endian float32. `seeds` are gradients at the logits: a class,
and a contrast of two. Random masks and noise come from the generator `mulberry32`.
"""
    )


def write_case(net, x):
    logits = net.logits(x)
    first, last = int(logits.argmax()), int(logits.argmin())
    one, contrast = np.eye(CLASSES)[first], np.eye(CLASSES)[first] - np.eye(CLASSES)[last]
    return {
        "net": {
            "head": net.head,
            "kernel": float32(net.kernel),
            "bias": float32(net.bias),
            "dense": float32(net.dense),
            "offset": float32(net.offset),
        },
        "input": float32(x[None]),
        "logits": float32(logits),
        "activations": float32(net.activations(x)),
        "classes": [first, last],
        "occlusion": occlusion(net, x),
        "rise": rise(net, x),
        "scoreCam": score_cam(net, x, [one, contrast]),
        "ablationCam": ablation_cam(net, x, first, [one, contrast]),
        "smoothGrad": smooth_grad(net, x, [one, contrast]),
        "smoothGradCamPlusPlus": smooth_cam(net, x, [one, contrast]),
        "integratedGradients": integrated_gradients(net, x, [one, contrast]),
    }


def occlusion(net, x):
    patch, stride, base = (3, 2), (2, 2), np.array([0.25, -0.5])
    score = net.logits(x)
    sums, counts = np.zeros((HEIGHT, WIDTH, CLASSES)), np.zeros((HEIGHT, WIDTH, 1))
    for top in (0, 2, 4):
        for left in (0, 2, 4):
            y = x.copy()
            window = np.s_[top : top + patch[0], left : left + patch[1]]
            y[window] = base
            sums[window] += score - net.logits(y)
            counts[window] += 1
    means = sums / counts
    # Rows 7 - 3 = 4 is a multiple of the stride; a stride of 3 needs the last window moved back.
    clamped, counted = np.zeros((HEIGHT, WIDTH)), np.zeros((HEIGHT, WIDTH))
    for top in (0, 3, 4):
        for left in (0, 3):
            y = x.copy()
            window = np.s_[top : top + 3, left : left + 3]
            y[window] = 0
            clamped[window] += score[0] - net.logits(y)[0]
            counted[window] += 1
    return {
        "patch": patch,
        "stride": stride,
        "baseline": base.tolist(),
        "maps": [float32(means[:, :, c]) for c in range(CLASSES)],
        "clamped": float32(clamped / counted),
    }


def rise(net, x):
    masks, cells, chance, seed, base = 25, 3, 0.4, 7, 0.3
    uniform = Mulberry32(seed)
    cell = (-(-HEIGHT // cells), -(-WIDTH // cells))
    sums, coverage = np.zeros((HEIGHT, WIDTH, CLASSES)), np.zeros((HEIGHT, WIDTH, 1))
    kept = []
    for _ in range(masks):
        grid = np.array([float(uniform() < chance) for _ in range(cells * cells)])
        crop = (int(uniform() * cell[0]), int(uniform() * cell[1]))
        size = ((cells + 1) * cell[0], (cells + 1) * cell[1])
        mask = enlarge(grid.reshape(cells, cells), *size, crop, (HEIGHT, WIDTH))[:, :, None]
        kept.append(mask[:, :, 0])
        sums += mask * net.logits(x * mask + base * (1 - mask))
        coverage += mask
    return {
        "options": {"masks": masks, "cells": cells, "probability": chance, "seed": seed},
        "baseline": base,
        "first": float32(kept[0]),
        "coverage": [float32((sums / coverage)[:, :, c]) for c in range(CLASSES)],
        "paper": [float32((sums / (masks * chance))[:, :, c]) for c in range(CLASSES)],
    }


def score_cam(net, x, seeds):
    base = 0.1
    a = net.activations(x)
    masks = []
    for k in range(a.shape[2]):
        up = enlarge(a[:, :, k], HEIGHT, WIDTH)
        masks.append((up - up.min()) / (up.max() - up.min()))
    shown = [x * m[:, :, None] + base * (1 - m[:, :, None]) for m in masks]
    logits = np.array([net.logits(y) for y in shown])
    nothing = net.logits(np.full_like(x, base))
    order = np.argsort(-a.std((0, 1)), kind="stable")
    result = {"baseline": base, "order": order.tolist(), "weightings": []}
    for s in seeds:
        scores = logits @ s
        best = np.zeros(4)
        best[order[:2]] = softmax(scores[order[:2]])
        weights = {
            "softmax-logit": softmax(scores),
            "prob": np.array([softmax(row) @ s for row in logits]),
            "relu-increase": np.maximum(scores - nothing @ s, 0),
            "top2": best,
        }
        result["weightings"].append(
            {name: {"weights": float32(w), "map": float32(a @ w)} for name, w in weights.items()}
        )
    return result


def ablation_cam(net, x, first, seeds):
    a = net.activations(x)
    without = [net.tail(a * (np.arange(4) != k)) for k in range(4)]

    def result(score):
        whole = score(net.tail(a))
        w = np.array([whole - score(z) for z in without]) / abs(whole)
        return {"weights": float32(w), "map": float32(a @ w), "score": rounded(whole)}

    return {
        "logit": [result(lambda z, s=s: z @ s) for s in seeds],
        # The class's negative: a score below zero, whose sign must not turn the weights.
        "not": result(lambda z: -z[first]),
        "probability": result(lambda z: softmax(z)[first]),
    }


def noisy_inputs(x, noise, seed, samples):
    values = np.array(gaussians(seed, samples * x.size)).reshape(samples, *x.shape)
    deviation = noise * (x.max() - x.min())
    return (x + deviation * values).astype(np.float32).astype(np.float64)


def smooth_grad(net, x, seeds):
    samples, noise, seed = 6, 0.2, 3
    noisy = noisy_inputs(x, noise, seed, samples)
    results = []
    for s in seeds:
        g = np.array([net.gradient_at_input(y, s) for y in noisy])
        results.append(
            {
                "mean": float32(g.mean(0)),
                "squared": float32((g**2).mean(0)),
                "variance": float32(g.var(0)),
            }
        )
    options = {"samples": samples, "noise": noise, "seed": seed}
    return {"options": options, "first": float32(noisy[0]), "results": results}


def smooth_cam(net, x, seeds):
    """At the convolution, whose gradient the ReLU makes depend on the noise."""
    samples, noise, seed = 5, 0.3, 11
    z = net.before_relu(x)
    results = []
    for s in seeds:
        open_ = [net.before_relu(y) > 0 for y in noisy_inputs(x, noise, seed, samples)]
        g = np.array([net.gradient_at_relu(s) * cells for cells in open_])
        d1, d2, d3 = g.mean(0), (g**2).mean(0), (g**3).mean(0)
        denominator = 2 * d2 + d3 * z.sum((0, 1))
        alpha = np.where(denominator == 0, 0, d2 / np.where(denominator == 0, 1, denominator))
        w = (alpha * np.maximum(d1, 0)).sum((0, 1))
        results.append({"weights": float32(w), "map": float32(z @ w)})
    return {"options": {"samples": samples, "noise": noise, "seed": seed}, "results": results}


def integrated_gradients(net, x, seeds):
    steps, base = 7, np.array([0.2, -0.1])
    start = np.broadcast_to(base.astype(np.float32), x.shape).astype(np.float64)
    ends, n = np.linspace(0, 1, steps), steps
    halves = np.r_[0.5, np.ones(n - 2), 0.5] / (n - 1)
    nodes, weights = np.polynomial.legendre.leggauss(n)
    rules = {
        "midpoint": ((np.arange(n) + 0.5) / n, np.ones(n) / n),
        "trapezoid": (ends, halves),
        "endpoints-mean": (ends, np.ones(n) / n),
        "gauss-legendre": ((nodes + 1) / 2, weights / 2),
    }
    results = []
    for s in seeds:
        change = net.logits(x) @ s - net.logits(start) @ s
        found = {}
        for rule, (points, shares) in rules.items():
            gradients = [net.gradient_at_input(start + a * (x - start), s) for a in points]
            map_ = (x - start) * sum(w * g for w, g in zip(shares, gradients))
            found[rule] = {"map": float32(map_), "error": rounded(map_.sum() - change)}
        results.append(found)
    return {"steps": steps, "baseline": base.tolist(), "results": results}


if __name__ == "__main__":
    main()
