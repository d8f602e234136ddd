# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scipy==1.17.1", "tensorflow-cpu==2.21.0"]
# ///
"""Writes packages/core/test/fixtures/evidence: metrics of maps on a tiny net, in float64.

python tools/oracles/evidence_cases.py

The formulas are those of the papers and of the programs that the settings are named after: RISE's
evaluation.py, xplique, torch-cam, pytorch-grad-cam, captum and Quantus. SciPy blurs, solves and ranks, and
TensorFlow computes the structural similarity.
"""

from pathlib import Path

import numpy as np
import scipy
import tensorflow as tf
from scipy.ndimage import gaussian_filter
from scipy.signal import convolve2d
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve
from scipy.stats import spearmanr

from black_box_net import CLASSES, Mulberry32, TinyNet, gaussians, softmax
from fixture_json import float32, rounded, write_json

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/evidence"
SEED = 19
HEIGHT, WIDTH, CHANNELS = 16, 12, 2
PIXELS = HEIGHT * WIDTH
REMOVED = [round(0.1 * i, 1) for i in range(1, 10)]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    random = np.random.Generator(np.random.PCG64(SEED))
    net = TinyNet(random, "mean")
    cases = [write_case(net, kind, random) for kind in ("smooth", "half zero", "signed")]
    maps = [np.array(case.pop("map64")) for case in cases]
    write_json(
        FOLDER / "cases.json",
        {
            "net": {
                "kernel": float32(net.kernel),
                "bias": float32(net.bias),
                "dense": float32(net.dense),
                "offset": float32(net.offset),
            },
            "cases": cases,
            "similarity": [similarity(maps[i], maps[j]) for i, j in ((0, 1), (0, 2), (1, 2))],
            "blur": {"values": float32(blur(image(Mulberry32(3)))), "seed": 3},
            "bootstrap": bootstrap(),
        },
    )
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/evidence_cases.py` (one command) with NumPy {np.__version__}, SciPy {scipy.__version__} and
TensorFlow {tf.__version__}; seed {SEED}. A convolution, a ReLU, a mean and a linear head with drawn weights, computed in
float64. Arrays are base64 of little-endian float32. Random numbers of the metrics themselves come from the
generator `mulberry32`.
"""
    )


def image(uniform):
    return np.array([2 * uniform() - 1 for _ in range(PIXELS * CHANNELS)]).reshape(HEIGHT, WIDTH, CHANNELS)


def draw_map(kind, random):
    """Enlarged from few cells, as a CAM is."""
    cells = random.uniform(-1 if kind == "signed" else 0, 1, (5, 4))
    if kind == "half zero":
        cells = np.maximum(cells - 0.6, 0)
    m = scipy.ndimage.zoom(cells, (HEIGHT / 5, WIDTH / 4), order=1, mode="nearest", grid_mode=True)
    return (m / np.abs(m).max()).astype(np.float32)


def write_case(net, kind, random):
    x = random.uniform(-1, 1.5, (HEIGHT, WIDTH, CHANNELS)).astype(np.float32).astype(np.float64)
    m32 = draw_map(kind, random)
    m = m32.astype(np.float64)
    logits = net.logits(x)
    c = int(logits.argmax())
    scores = {"logit": lambda v: net.logits(v)[c], "probability": lambda v: softmax(net.logits(v))[c]}
    return {
        "kind": kind,
        "class": c,
        "input": float32(x[None]),
        "map": float32(m32),
        "map64": m.tolist(),
        "logits": [rounded(v) for v in logits],
        **{name: measure(s, x, m) for name, s in scores.items()},
        "sparseness": rounded(gini(m)),
        "complexity": rounded(entropy(m)),
        "sensitivity": sensitivity(net, x, c),
    }


def measure(s, x, m):
    zero = np.zeros_like(x)
    return {
        "rise": {
            "deletion": curve(s, x, zero, m, rise_counts(), "last", equal_area),
            "insertion": curve(s, blur(x), x, m, rise_counts(), "last", equal_area),
        },
        "xplique": {
            "deletion": curve(s, x, zero, m, even_counts(10, 1), "last", equal_area),
            "insertion": curve(s, zero, x, m, even_counts(10, 1), "last", equal_area),
            "deletionHalf": curve(s, x, zero, m, even_counts(10, 0.5), "last", equal_area),
        },
        "torchcam": {
            "deletion": curve(s, x, zero, m, up_counts(20), "first", true_area),
            "insertion": curve(s, zero, x, m, up_counts(20), "first", true_area),
            "deletionToMean": curve(
                s, x, np.broadcast_to(x.mean((0, 1)), x.shape), m, up_counts(7), "first", true_area
            ),
        },
        "road": {
            "mostRelevant": [rounded(v) for v in road(s, x, m, True)],
            "leastRelevant": [rounded(v) for v in road(s, x, m, False)],
            "byPercentile": by_percentile(s, x, m),
        },
        "masked": masked(s, x, m),
        "infidelity": infidelity(s, x, m),
    }


# Deletion and insertion


def rise_counts():
    step = WIDTH
    return [min(i * step, PIXELS) for i in range((PIXELS + step - 1) // step + 1)]


def even_counts(steps, most):
    return np.linspace(0, int(PIXELS * most), steps + 1).astype(int).tolist()


def up_counts(steps):
    each = -(-PIXELS // steps)
    return [min(i * each, PIXELS) for i in range(-(-PIXELS // each) + 1)]


def order_of(m, ties):
    if ties == "last":
        return np.flip(np.argsort(m.ravel(), kind="stable"))
    return np.argsort(-m.ravel(), kind="stable")


def curve(s, start, finish, m, counts, ties, area):
    order = order_of(m, ties)
    values = []
    for count in counts:
        v = start.reshape(PIXELS, CHANNELS).copy()
        v[order[:count]] = finish.reshape(PIXELS, CHANNELS)[order[:count]]
        values.append(s(v.reshape(start.shape)))
    return {
        "value": rounded(area(np.array(values), np.array(counts) / PIXELS)),
        "counts": [int(c) for c in counts],
        "scores": [rounded(v) for v in values],
    }


def equal_area(v, _):
    return (v.sum() - v[0] / 2 - v[-1] / 2) / (len(v) - 1)


def true_area(v, at):
    return np.trapezoid(v, at)


def blur(x):
    impulse = np.zeros((11, 11))
    impulse[5, 5] = 1
    kernel = gaussian_filter(impulse, 5)
    return np.stack([convolve2d(x[..., c], kernel, "same") for c in range(x.shape[-1])], -1)


# ROAD


def impute(x, keep):
    weight = {(a, b): 1 / 6 if a == 0 or b == 0 else 1 / 12 for a in (-1, 0, 1) for b in (-1, 0, 1)}
    del weight[0, 0]
    gone = [(int(y), int(z)) for y, z in zip(*np.where(~keep))]
    index = {place: i for i, place in enumerate(gone)}
    a, b = lil_matrix((len(gone), len(gone))), np.zeros((len(gone), CHANNELS))
    for (y, z), i in index.items():
        for (dy, dz), w in weight.items():
            other = (y + dy, z + dz)
            if not (0 <= other[0] < HEIGHT and 0 <= other[1] < WIDTH):
                continue
            a[i, i] += w
            if other in index:
                a[i, index[other]] -= w
            else:
                b[i] += w * x[other]
    filled = x.copy()
    solution = spsolve(a.tocsc(), b)
    for place, i in index.items():
        filled[place] = solution[i]
    return filled


def road(s, x, m, most):
    order = order_of(m, "first")
    found = []
    for removed in REMOVED:
        kept = max(1, int(np.ceil(round((1 - removed) * (PIXELS - 1), 6))))
        keep = np.zeros(PIXELS, bool)
        keep[order[-kept:] if most else order[:kept]] = True
        found.append(s(impute(x, keep.reshape(HEIGHT, WIDTH))) - s(x))
    return found


def by_percentile(s, x, m):
    """pytorch-grad-cam's choice of pixels; null where the threshold leaves none, or ties change the number."""
    found = []
    for removed in REMOVED:
        threshold = np.percentile(m, 100 * (1 - removed))
        keep = m < threshold
        kept = max(1, int(np.ceil(round((1 - removed) * (PIXELS - 1), 6))))
        found.append(rounded(s(impute(x, keep)) - s(x)) if keep.sum() == kept else None)
    return found


# Others


def masked(s, x, m):
    full = s(x)
    positive = np.maximum(m, 0) / np.maximum(m, 0).max()
    magnitude = (np.abs(m) - np.abs(m).min()) / (np.abs(m).max() - np.abs(m).min())
    result = {"score": rounded(full)}
    for name, mask in (("positive", positive), ("magnitude", magnitude)):
        after = s(x * mask[..., None])
        result[name] = {
            "maskedScore": rounded(after),
            "share": rounded(max(0, full - after) / full),
            "difference": rounded(max(0, full - after)),
            "increase": int(after > full),
            "gain": rounded(max(0, after - full) / (1 - full)),
        }
    return result


def infidelity(s, x, m):
    attribution = np.repeat(m[..., None], CHANNELS, 2)
    full = s(x)

    def of(changes, kind, scaled):
        predicted, actual = [], []
        for changed in changes:
            difference = x - changed
            share = np.divide(difference, x, where=x != 0, out=np.ones_like(x))
            i = difference if kind == "gradient" else np.where(difference == 0, 0, share)
            predicted.append((i * attribution).sum())
            actual.append(full - s(changed))
        predicted, actual = np.array(predicted), np.array(actual)
        beta = (predicted * actual).sum() / (predicted**2).sum() if scaled else 1
        return rounded(((beta * predicted - actual) ** 2).mean())

    blocks = []
    for top in range(0, HEIGHT, 5):
        for left in range(0, WIDTH, 5):
            changed = x.copy()
            changed[top : top + 5, left : left + 5] = 0
            blocks.append(changed)
    noise = np.array(gaussians(4, 6 * x.size)).reshape(6, *x.shape)
    noisy = [x + 0.1 * n for n in noise]
    uniform = Mulberry32(8)
    squares = []
    for _ in range(9):
        top, left = int(uniform() * (HEIGHT - 3)), int(uniform() * (WIDTH - 3))
        changed = x.copy()
        changed[top : top + 4, left : left + 4] = 0.25
        squares.append(changed)
    return {
        "blocks": of(blocks, "contribution", False),
        "blocksScaled": of(blocks, "contribution", True),
        "noise": of(noisy, "gradient", False),
        "noiseScaled": of(noisy, "gradient", True),
        "squares": of(squares, "contribution", False),
    }


def sensitivity(net, x, c):
    """Of the score's gradient."""

    def gradient(v):
        z = net.before_relu(v)
        g = (z > 0) * net.dense.astype(np.float64)[:, c] / (z.shape[0] * z.shape[1])
        net.nearest_kink = min(net.nearest_kink, np.abs(z).min())
        out = np.zeros_like(v)
        for i in range(3):
            for j in range(3):
                out[i : i + z.shape[0], j : j + z.shape[1]] += g @ net.kernel[i, j].astype(np.float64).T
        return out

    uniform = Mulberry32(6)
    own = gradient(x)
    changes = []
    for _ in range(5):
        noise = np.array([2 * uniform() - 1 for _ in range(x.size)]).reshape(x.shape)
        changes.append(np.linalg.norm(own - gradient(x + 0.05 * noise)) / np.linalg.norm(own))
    # Nearer than this, float32 might see a ReLU open that is closed in float64.
    assert net.nearest_kink > 1e-6, net.nearest_kink
    net.nearest_kink = np.inf
    return rounded(max(changes))


def gini(m):
    a = np.sort(np.abs(m).ravel())
    i = np.arange(1, a.size + 1)
    return ((2 * i - a.size - 1) * a).sum() / (a.size * a.sum())


def entropy(m):
    p = np.abs(m).ravel() / np.abs(m).sum()
    p = p[p > 0]
    return -(p * np.log(p)).sum()


def similarity(a, b):
    def unit(v):
        return (v / np.abs(v).max())[..., None].astype(np.float64)

    return {
        "spearman": rounded(spearmanr(a.ravel(), b.ravel()).statistic),
        "ssim": rounded(float(tf.image.ssim(tf.constant(unit(a)), tf.constant(unit(b)), max_val=1.0)), 7),
    }


def bootstrap():
    uniform = Mulberry32(11)
    values = [rounded(uniform(), 6) for _ in range(23)]
    draw = Mulberry32(7)
    means = [np.mean([values[int(draw() * len(values))] for _ in values]) for _ in range(400)]
    low, high = np.quantile(means, [0.05, 0.95])
    return {
        "values": values,
        "options": {"resamples": 400, "level": 0.9, "seed": 7},
        "mean": rounded(np.mean(values)),
        "low": rounded(low),
        "high": rounded(high),
    }


assert CLASSES == 3

if __name__ == "__main__":
    main()
