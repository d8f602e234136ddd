# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["numpy==2.4.6", "torch==2.13.0"]
# ///
"""Writes packages/core/test/fixtures/methods: the raw map of every method on two small nets.

From pixels to map in float64, gradients by PyTorch's autograd, formulas as the papers have them.

python tools/oracles/method_cases.py
"""

import base64
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import method_net
from black_box_net import Mulberry32, enlarge, gaussians
from cam_formulas import plus_plus_weights, x_grad_weights
from fixture_json import float32, rounded, write_json

FOLDER = Path(__file__).parents[2] / "packages/core/test/fixtures/methods"
SEEDS = {"residual": 41, "plain": 42}
RUNS = 6
CASES = {
    # Name: input scale and mean, channel order, layers, targets as {text: {class: sign}}.
    "residual": {
        "input": {"scale": 1 / 127.5, "mean": [1, 1, 1], "std": [1, 1, 1], "order": "rgb"},
        "layers": ["relu3", "relu2"],
        "targets": {"2": {2: 1}, "not:1": {1: -1}},
    },
    "plain": {
        "input": {"scale": 1, "mean": [104, 117, 124], "std": [58, 57, 57], "order": "bgr"},
        "layers": ["conv2", "relu1"],
        "targets": {"0": {0: 1}, "3:5": {3: 1, 5: -1}},
    },
}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, case in CASES.items():
        random = np.random.Generator(np.random.PCG64(SEEDS[name]))
        net = getattr(method_net, name)(random)
        height, width = net.layers[0][2]["batch_input_shape"][1:3]
        pixels = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
        value = Explainer(net, case, pixels).describe()
        # Nearer than this, float32 might see a ReLU open that is closed in float64.
        print(name, "nearest kink", net.nearest_kink)
        assert net.nearest_kink > 2e-6, net.nearest_kink
        write_json(FOLDER / f"{name}.json", value)
    (FOLDER / "PROVENANCE.md").write_text(
        f"""# Where these files come from

Written by `tools/oracles/method_cases.py` (one command) with PyTorch {torch.__version__} in float64 and
NumPy {np.__version__}; seeds {list(SEEDS.values())}. Weights and pictures are drawn at random. For each
layer, target and method: the raw map, and the scale of its error (the largest sum, over what is added
up in a cell, of magnitudes). Random masks and noise come from the generator `mulberry32`.
"""
    )


class Explainer:
    """One net, one picture: maps [h, w] or [h, w, 3] in the model's channel order."""

    def __init__(self, net, case, pixels):
        self.net, self.case, self.pixels = net, case, pixels
        settings = case["input"]
        values = pixels.astype(np.float64)
        if settings["order"] == "bgr":
            values = values[..., ::-1]
        x = (values * settings["scale"] - settings["mean"]) / settings["std"]
        # The model's input is float32.
        self.x = x.astype(np.float32).astype(np.float64)
        self.height, self.width = x.shape[:2]

    def describe(self):
        logits = self.logits(self.x)
        maps, peers = [], []
        for target, signs in self.case["targets"].items():
            seed = np.zeros(len(logits))
            for index, sign in signs.items():
                seed[index] = sign
            for layer in self.case["layers"]:
                maps += self.entries(target, layer, self.layer_maps(layer, seed, signs))
                peers += self.entries(target, layer, self.peer_layer_maps(layer, seed, signs))
            maps += self.entries(target, None, self.input_maps(seed))
            peers += self.entries(target, None, self.peer_input_maps(seed))
        net = {
            "head": self.net.head,
            "layers": [
                {
                    "name": name,
                    "className": kind,
                    "config": config,
                    "inputs": inputs,
                    "weights": {part: float32(w) for part, w in weights.items()},
                }
                for kind, name, config, inputs, weights in self.net.layers
            ],
        }
        picture = {
            "width": self.width,
            "height": self.height,
            "pixels": base64.b64encode(self.pixels.tobytes()).decode(),
        }
        return {
            "net": net,
            "input": self.case["input"],
            "picture": picture,
            "runs": RUNS,
            "layers": self.case["layers"],
            "targets": list(self.case["targets"]),
            "logits": float32(logits),
            "maps": maps,
            # Methods are "peer/method"; of peers' own raw maps.
            "peers": peers,
        }

    def entries(self, target, layer, maps):
        result = []
        for method, found in maps.items():
            values, scale, *rest = found
            if self.case["input"]["order"] == "bgr" and np.ndim(values) == 3:
                values = values[..., ::-1]
            entry = {"method": method, "layer": layer, "target": target, "scale": rounded(scale)}
            entry["raw"] = float32(values)
            if rest:
                entry["completenessError"] = rounded(rest[0])
            result.append(entry)
        return result

    # --- the net ---------------------------------------------------------------------------------

    def tensor(self, x):
        return torch.tensor(x.transpose(2, 0, 1)[None].copy(), requires_grad=True)

    def logits(self, x):
        with torch.no_grad():
            return self.net.logits(self.tensor(x)).numpy()

    def gradients(self, x, seed, names, policy="plain"):
        """{layer: (value, gradient)}, [h, w, K]; of the input under "image"."""
        at = self.tensor(x)
        ends = self.net.run(at, policy)
        ends["image"] = at
        score = ends["logits"][0] @ torch.tensor(seed)
        found = torch.autograd.grad(score, [ends[name] for name in names])
        return {name: (last(ends[name]), last(g)) for name, g in zip(names, found)}

    # --- methods of many runs as other libraries do them ------------------------------------------

    def peer_layer_maps(self, layer, seed, signs):
        a, _ = self.gradients(self.x, seed, [layer])[layer]
        channels = torch.tensor(a.transpose(2, 0, 1)[None].copy())
        size = (self.height, self.width)

        def by_range(t, guard):
            least, most = t.amin((2, 3), keepdim=True), t.amax((2, 3), keepdim=True)
            return (t - least) / (most - least + guard)

        # jacobgil/pytorch-grad-cam, score_cam.py
        corners = F.interpolate(channels, size, mode="bilinear", align_corners=True)
        of_pgc = self.score_masked(by_range(corners, 1e-8), lambda z: z @ seed)
        # frgfm/torch-cam, methods/activation.py
        cells = F.interpolate(by_range(channels, 1e-8), size, mode="bilinear", align_corners=False)
        of_torchcam = self.score_masked(cells, lambda z: z @ seed)
        # keisen/tf-keras-vis, scorecam.py: a softmax on top of the model's own output
        output = softmax if self.net.head == "softmax" else lambda z: z
        of_vis = self.score_masked(by_range(corners, 1e-7), lambda z: softmax(output(z)) @ seed)
        maps = {
            "pytorch-grad-cam/score-cam": weigh(a, softmax(of_pgc)),
            "torchcam/score-cam": weigh(a, softmax(of_torchcam)),
            "tf-keras-vis/score-cam": weigh(a, of_vis),
            "torchcam/finer-cam": self.finer_cam(layer, signs),
        }
        if list(signs.values()) == [1]:
            maps["pytorch-grad-cam/finer-cam"] = self.weighted_finer_cam(layer, signs)
        return maps

    def score_masked(self, masks, score):
        shown = [self.x * mask[:, :, None] for mask in masks[0].numpy()]
        return np.array([score(self.logits(x)) for x in shown])

    def weighted_finer_cam(self, layer, signs):
        """jacobgil/pytorch-grad-cam, finer_cam.py and FinerWeightedTarget of model_targets.py"""
        at = self.tensor(self.x)
        ends = self.net.run(at)
        z = ends["logits"][0]
        (main,) = signs
        order = np.argsort(np.abs((z - z[main]).detach().numpy()), kind="stable")
        compared = [int(index) for index in order[1:4]]
        p = torch.softmax(z, -1)
        numerator = sum(p[d] * (z[main] - z[d]) for d in compared)
        score = numerator / (sum(p[d] for d in compared) + 1e-9)
        (gradient,) = torch.autograd.grad(score, [ends[layer]])
        return weigh(last(ends[layer]), last(gradient).mean((0, 1)))

    def peer_input_maps(self, seed):
        # pytorch/captum, integrated_gradients.py: Gauss-Legendre, from zeros
        nodes, weights = np.polynomial.legendre.leggauss(RUNS)
        gradients = [self.input_gradient((n + 1) / 2 * self.x, seed) for n in nodes]
        captum = self.x * sum(w / 2 * g for w, g in zip(weights, gradients))
        return {
            "captum/integrated-gradients": plainly(captum),
            "pytorch-grad-cam/full-grad": plainly(self.full_grad_by_channel(seed)),
        }

    def full_grad_by_channel(self, seed):
        """jacobgil/pytorch-grad-cam, fullgrad_cam.py: convolutions and batch normalisations, each
        channel by its own range"""
        at = self.tensor(self.x)
        ends = self.net.run(at)
        biases = {name: bias for name, bias in self.biases(ends, at) if name in self.spatial()}
        score = ends["logits"][0] @ torch.tensor(seed)
        gradients = torch.autograd.grad(score, [at] + [ends[name] for name in biases])
        size, result = (self.height, self.width), 0
        for term in [g * b for g, b in zip(gradients, [at, *biases.values()])]:
            term = term.abs()
            term = term - term.amin((2, 3), keepdim=True)
            term = term / (1e-7 + term.amax((2, 3), keepdim=True))
            result += F.interpolate(term, size, mode="bilinear", align_corners=False).sum(1)
        return result.detach().numpy()[0]

    def spatial(self):
        kinds = ("Conv2D", "BatchNormalization")
        return [name for kind, name, *_ in self.net.layers if kind in kinds]

    def biases(self, ends, at):
        """The bias of each layer, found without its weights: it is what the layer gives for zeros."""
        for kind, name, config, inputs, weights in self.net.layers:
            if kind in ("Conv2D", "BatchNormalization", "Dense"):
                w = {part: torch.tensor(np.float64(array)) for part, array in weights.items()}
                zero = torch.zeros_like(ends[inputs[0]] if inputs[0] != "image" else at)
                bias = self.net.apply(kind, config, [zero], w, "plain")
                if bias.abs().max() > 0:
                    yield name, bias

    def input_gradient(self, x, seed, policy="plain"):
        return self.gradients(x, seed, ["image"], policy)["image"][1]

    # --- methods at a layer ------------------------------------------------------------------------

    def layer_maps(self, layer, seed, signs):
        a, g = self.gradients(self.x, seed, [layer])[layer]
        maps = {
            "grad-cam": weigh(a, g.mean((0, 1))),
            "grad-cam-plus-plus": weigh(a, plus_plus_weights(a, g)),
            "hires-cam": total(g * a),
            "grad-cam-elementwise": total(np.maximum(g * a, 0)),
            "layer-cam": total(np.maximum(g, 0) * a),
            "xgrad-cam": weigh(a, x_grad_weights(a, g)),
            "eigen-cam": first_component(a),
            "eigen-grad-cam": first_component(g * a),
            "random-cam": weigh(a, self.random_weights(a.shape[2])),
            "score-cam": weigh(a, self.score_cam_weights(a, seed)),
            "ablation-cam": weigh(a, self.ablation_weights(layer, a, seed)),
            "smooth-grad-cam-plus-plus": weigh(a, self.smooth_weights(layer, a, seed)),
            "guided-grad-cam": self.guided_grad_cam(a, g, seed),
            "finer-cam": self.finer_cam(layer, signs),
        }
        if layer == "relu3":
            kernel = np.float64(self.net.layers[-2][4]["kernel"])
            maps["cam"] = weigh(a, kernel @ seed)
        return maps

    def random_weights(self, channels):
        uniform = Mulberry32(1)
        return np.array([2 * uniform() - 1 for _ in range(channels)])

    def score_cam_weights(self, a, seed):
        order = np.argsort(-a.std((0, 1)), kind="stable")[:RUNS]
        scores = []
        for k in order:
            mask = enlarge(a[:, :, k], self.height, self.width)
            mask = (mask - mask.min()) / (mask.max() - mask.min())
            scores.append(self.logits(self.x * mask[:, :, None]) @ seed)
        weights = np.zeros(a.shape[2])
        weights[order] = softmax(np.array(scores))
        return weights

    def ablation_weights(self, layer, a, seed):
        x = torch.tensor(self.x.transpose(2, 0, 1)[None].copy())
        whole = self.logits(self.x) @ seed
        weights = []
        for k in range(a.shape[2]):
            cut = torch.tensor((a * (np.arange(a.shape[2]) != k)).transpose(2, 0, 1)[None].copy())
            weights.append(whole - self.net.logits(x, {layer: cut}).numpy() @ seed)
        return np.array(weights) / abs(whole)

    def noisy(self, samples, noise=0.15):
        values = np.array(gaussians(1, samples * self.x.size)).reshape(samples, *self.x.shape)
        deviation = noise * (self.x.max() - self.x.min())
        return (self.x + deviation * values).astype(np.float32).astype(np.float64)

    def smooth_weights(self, layer, a, seed):
        g = np.array([self.gradients(y, seed, [layer])[layer][1] for y in self.noisy(RUNS)])
        d1, d2, d3 = g.mean(0), (g**2).mean(0), (g**3).mean(0)
        denominator = 2 * d2 + d3 * a.sum((0, 1))
        alpha = np.where(denominator == 0, 0, d2 / np.where(denominator == 0, 1, denominator))
        return (alpha * np.maximum(d1, 0)).sum((0, 1))

    def guided_grad_cam(self, a, g, seed):
        cam = enlarge(np.maximum(weigh(a, g.mean((0, 1)))[0], 0), self.height, self.width)
        guided = self.input_gradient(self.x, seed, "guided")
        return guided * cam[:, :, None], np.abs(guided).max() * weigh(a, g.mean((0, 1)))[1]

    def finer_cam(self, layer, signs):
        """Zhang et al. 2025: z_c less 0.6 of the mean of the three classes nearest to it; of a
        contrast less 0.6 of the class it names."""
        logits = self.logits(self.x)
        (first, sign), *others = signs.items()
        distances = np.abs(logits - logits[first])
        nearest = [d for d in np.argsort(distances, kind="stable") if d != first][:3]
        compared = [index for index, _ in others] or nearest
        seed = np.zeros(len(logits))
        seed[first] = sign
        for index in compared:
            seed[index] -= sign * 0.6 / len(compared)
        a, g = self.gradients(self.x, seed, [layer])[layer]
        return weigh(a, g.mean((0, 1)))

    # --- methods at the input ----------------------------------------------------------------------

    def input_maps(self, seed):
        gradient = self.input_gradient(self.x, seed)
        maps = {
            "gradient": plainly(gradient),
            "input-x-gradient": plainly(self.x * gradient),
            "guided-backprop": plainly(self.input_gradient(self.x, seed, "guided")),
            "deconvnet": plainly(self.input_gradient(self.x, seed, "deconvnet")),
            "integrated-gradients": self.integrated_gradients(seed),
            "occlusion": self.occlusion(seed),
            "rise": self.rise(seed),
            "full-grad": self.full_grad(seed),
        }
        g = np.array([self.input_gradient(y, seed) for y in self.noisy(RUNS)])
        maps["smoothgrad"] = plainly(g.mean(0))
        maps["smoothgrad-squared"] = plainly((g**2).mean(0))
        maps["vargrad"] = plainly(g.var(0))
        return maps

    def integrated_gradients(self, seed):
        points = (np.arange(RUNS) + 0.5) / RUNS
        mean = np.mean([self.input_gradient(at * self.x, seed) for at in points], 0)
        map_ = self.x * mean
        change = (self.logits(self.x) - self.logits(np.zeros_like(self.x))) @ seed
        return map_, np.abs(map_).max(), map_.sum() - change

    def full_grad(self, seed):
        """Srinivas and Fleuret 2019; a bounded ReLU's bias is its bound, where that is reached."""
        at = self.tensor(self.x)
        ends = self.net.run(at)
        biases = dict(self.biases(ends, at))
        for kind, name, config, *_ in self.net.layers:
            if kind == "ReLU" and config.get("max_value"):
                biases[name] = config["max_value"] * (ends[name] >= config["max_value"])
        score = ends["logits"][0] @ torch.tensor(seed)
        gradients = torch.autograd.grad(score, [at] + [ends[name] for name in biases])
        terms = [g * b for g, b in zip(gradients, [at, *biases.values()])]
        error = float((sum(term.sum() for term in terms) - score).detach())
        assert abs(error) < 1e-10, error
        total_map = 0
        for term in terms:
            if term.ndim < 4 or term.abs().max() == term.abs().min():
                continue
            size = term.abs() - term.abs().min()
            size = (size / size.max()).sum(1, keepdim=True)
            shown = (self.height, self.width)
            size = F.interpolate(size, shown, mode="bilinear", align_corners=False)
            total_map = total_map + size
        map_ = total_map.detach().numpy()[0, 0]
        return map_, map_.max(), error

    def occlusion(self, seed):
        side = max(1, round(min(self.height, self.width) / 7))
        step = -(-side // 2)
        whole = self.logits(self.x) @ seed
        sums, counts = np.zeros(self.x.shape[:2]), np.zeros(self.x.shape[:2])
        for top in starts(self.height, side, step):
            for left in starts(self.width, side, step):
                y = self.x.copy()
                y[top : top + side, left : left + side] = 0
                sums[top : top + side, left : left + side] += whole - self.logits(y) @ seed
                counts[top : top + side, left : left + side] += 1
        # A difference of two scores: its error is theirs.
        return sums / counts, abs(whole) + np.abs(self.logits(self.x)).max()

    def rise(self, seed):
        cells, chance, uniform = 7, 0.5, Mulberry32(1)
        cell = (-(-self.height // cells), -(-self.width // cells))
        sums, coverage = np.zeros(self.x.shape[:2]), np.zeros(self.x.shape[:2])
        largest = 0
        for _ in range(RUNS):
            grid = np.array([float(uniform() < chance) for _ in range(cells**2)])
            crop = (int(uniform() * cell[0]), int(uniform() * cell[1]))
            size = ((cells + 1) * cell[0], (cells + 1) * cell[1])
            shown = (self.height, self.width)
            mask = enlarge(grid.reshape(cells, cells), *size, crop, shown)
            score = self.logits(self.x * mask[:, :, None]) @ seed
            largest = max(largest, abs(score))
            sums += mask * score
            coverage += mask
        return sums / coverage, largest


def last(tensor):
    return tensor.detach().numpy()[0].transpose(1, 2, 0)


def total(terms):
    return terms.sum(-1), np.abs(terms).sum(-1).max()


def weigh(a, weights):
    return total(a * weights)


def plainly(values):
    return values, np.abs(values).max()


def softmax(v):
    e = np.exp(v - v.max())
    return e / e.sum()


def first_component(values):
    """Scores of the cells on the first principal component, the largest the largest in magnitude."""
    matrix = values.reshape(-1, values.shape[2])
    centred = matrix - matrix.mean(0)
    _, spread, directions = np.linalg.svd(centred, full_matrices=False)
    assert spread[1] < 0.97 * spread[0], "nearly equal components"
    scores = centred @ directions[0]
    scores = scores if scores.max() >= -scores.min() else -scores
    return scores.reshape(values.shape[:2]), np.abs(centred).sum(-1).max()


def starts(length, side, step):
    places = list(range(0, length - side, step)) + [length - side]
    return sorted(set(places))


if __name__ == "__main__":
    main()
