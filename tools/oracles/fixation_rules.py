"""CNN-Fixations of a Keras net in NumPy, written from the rules, one layer and one point at a time.

The rules are those of Mopuri, Garg and Babu 2018 (arXiv 1708.06670) and of `demo/layers.py` and `demo/utils.py` in
val-iisc/cnn-fixations. Where the program leaves a choice, this file and the library take the same one:

* a convolution's point is the centre of its window, and the largest activation of the chosen channel inside the
  window on the branch of a residual block;
* a depthwise convolution, whose channel is given, always moves to the channel's largest activation in its window;
* a batch normalisation counts as folded into the layer before it: where gamma is negative, the layers up to the
  next convolution or dense layer look for the most negative contribution;
* the shortcut of a block is the summand with the fewest layers before it;
* the walk ends where every way to the picture keeps the place of each point.

A point is (row, column, channel, sign), or (index, sign) in a vector.
"""

import numpy as np


class Net:
    """A functional or sequential Keras 2 model from its JSON, with weights by `layer/name`."""

    def __init__(self, config, weights):
        self.layers = {one["config"]["name"]: one for one in config["layers"]}
        self.weights = weights
        self.inputs = {}
        before = None
        for name, layer in self.layers.items():
            calls = layer.get("inbound_nodes", None)
            if calls is None:
                self.inputs[name] = [] if before is None else [before]
            else:
                self.inputs[name] = [source[0] for source in calls[0]] if calls else []
            before = name
        self.order = list(self.layers)
        self.picture = next(n for n in self.order if self.layers[n]["class_name"] == "InputLayer")
        self.last = self.order[-1]

    def kind(self, name):
        return self.layers[name]["class_name"]

    def option(self, name, key, default=None):
        return self.layers[name]["config"].get(key, default)

    def weight(self, name, suffix):
        return self.weights.get(f"{name}/{suffix}")

    def before(self, name):
        """All layers that lead to a layer, itself included."""
        found, pending = set(), [name]
        while pending:
            one = pending.pop()
            if one not in found:
                found.add(one)
                pending += self.inputs[one]
        return found

    # Forward, in float64.

    def run(self, picture):
        self.values = {}
        for name in self.order:
            given = [self.values[one] for one in self.inputs[name]]
            self.values[name] = picture.astype(np.float64) if name == self.picture else self.apply(name, given)
        return self.values[self.last]

    def apply(self, name, given):
        kind, x = self.kind(name), given[0]
        if kind in ("Conv2D", "DepthwiseConv2D"):
            return self.activate(name, self.convolve(name, x))
        if kind == "Dense":
            return self.activate(name, x @ self.weight(name, "kernel") + self.bias(name))
        if kind == "BatchNormalization":
            w = {s: self.weight(name, s) for s in ("gamma", "beta", "moving_mean", "moving_variance")}
            root = np.sqrt(w["moving_variance"].astype(np.float64) + self.option(name, "epsilon"))
            return (x - w["moving_mean"]) / root * w["gamma"] + w["beta"]
        if kind == "ZeroPadding2D":
            (top, bottom), (left, right) = self.option(name, "padding")
            return np.pad(x, ((top, bottom), (left, right), (0, 0)))
        if kind in ("MaxPooling2D", "AveragePooling2D"):
            best = np.max if kind.startswith("Max") else np.mean
            size = self.pooled_shape(name, x)
            out = np.empty((*size, x.shape[2]))
            for y in range(size[0]):
                for c in range(size[1]):
                    rows, columns = self.window(name, x, y, c)
                    out[y, c] = best(x[np.ix_(rows, columns)], axis=(0, 1))
            return out
        if kind == "GlobalAveragePooling2D":
            return x.mean((0, 1))
        if kind == "Flatten":
            return x.reshape(-1)
        if kind == "Add":
            return sum(given)
        if kind == "Concatenate":
            return np.concatenate(given, axis=-1)
        if kind in ("Activation", "ReLU", "Dropout", "Softmax"):
            return self.activate(name, x)
        raise NotImplementedError(kind)

    def activate(self, name, x):
        kind = self.kind(name)
        function = {"ReLU": "relu", "Dropout": "linear", "Softmax": "softmax"}.get(kind) or self.option(name, "activation")
        bound = self.option(name, "max_value") if kind == "ReLU" else None
        if function == "relu":
            return np.clip(x, 0, bound)
        if function in (None, "linear", "softmax"):  # The walk starts before the softmax.
            return x
        raise NotImplementedError(function)

    def bias(self, name):
        found = self.weight(name, "bias")
        return 0 if found is None else found

    def kernel_size(self, name):
        key = "pool_size" if "Pooling" in self.kind(name) else "kernel_size"
        return self.option(name, key)

    def start(self, name, shape):
        """Cells of padding before the picture, row and column."""
        if self.option(name, "padding", "valid") == "valid":
            return (0, 0)
        found = []
        for axis in (0, 1):
            stride = self.option(name, "strides")[axis]
            extent = (self.kernel_size(name)[axis] - 1) * (self.option(name, "dilation_rate") or (1, 1))[axis] + 1
            found.append(max(0, (-(-shape[axis] // stride) - 1) * stride + extent - shape[axis]) // 2)
        return tuple(found)

    def pooled_shape(self, name, x):
        strides, size = self.option(name, "strides"), self.kernel_size(name)
        if self.option(name, "padding", "valid") == "same":
            return [-(-x.shape[axis] // strides[axis]) for axis in (0, 1)]
        dilation = self.option(name, "dilation_rate") or (1, 1)
        return [(x.shape[a] - ((size[a] - 1) * dilation[a] + 1)) // strides[a] + 1 for a in (0, 1)]

    def places(self, name, x, row, column):
        """Rows and columns of a window, those outside the picture included."""
        start, size = self.start(name, x.shape), self.kernel_size(name)
        dilation = self.option(name, "dilation_rate") or (1, 1)
        return [
            [at * self.option(name, "strides")[axis] - start[axis] + i * dilation[axis] for i in range(size[axis])]
            for axis, at in ((0, row), (1, column))
        ]

    def window(self, name, x, row, column):
        found = self.places(name, x, row, column)
        return [[at for at in places if 0 <= at < x.shape[axis]] for axis, places in enumerate(found)]

    def patch(self, name, x, row, column):
        """A window of the padded picture [rows, columns, channels]."""
        rows, columns = self.places(name, x, row, column)
        out = np.zeros((len(rows), len(columns), x.shape[2]))
        for i, r in enumerate(rows):
            for j, c in enumerate(columns):
                if 0 <= r < x.shape[0] and 0 <= c < x.shape[1]:
                    out[i, j] = x[r, c]
        return out

    def filter(self, name, channel, channels):
        """Weights of one output channel [rows, columns, inputs], and the first of these inputs."""
        if self.kind(name) == "DepthwiseConv2D":
            kernel = self.weight(name, "depthwise_kernel")
            each = kernel.shape[3]
            return kernel[:, :, channel // each, channel % each][..., None], channel // each
        kernel = self.weight(name, "kernel")
        groups = channels // kernel.shape[2]
        group = channel // (kernel.shape[3] // groups)
        return kernel[..., channel], group * kernel.shape[2]

    def convolve(self, name, x):
        depthwise = self.weight(name, "depthwise_kernel")
        count = depthwise.shape[2] * depthwise.shape[3] if depthwise is not None else self.weight(name, "kernel").shape[3]
        size = self.pooled_shape(name, x)
        out = np.empty((*size, count))
        filters = [self.filter(name, k, x.shape[2]) for k in range(count)]
        for y in range(size[0]):
            for c in range(size[1]):
                patch = self.patch(name, x, y, c)
                for k, (w, first) in enumerate(filters):
                    out[y, c, k] = (patch[:, :, first : first + w.shape[2]] * w).sum()
        return out + self.bias(name)

    # Backward, point by point.

    def largest(self, contributions):
        """The first largest; refuses a choice that hangs on rounding."""
        flat = np.asarray(contributions, np.float64).reshape(-1)
        best = int(np.argmax(flat))
        near = flat[(flat < flat[best])]
        scale = np.abs(flat).max()
        if near.size and scale > 0:
            self.margin = min(self.margin, (flat[best] - near.max()) / scale)
        return best

    def unravel(self, scores):
        """Points of the picture as (row, column), once for each channel, from a list of classes."""
        self.margin = np.inf
        branches, shortcut = set(), {}
        for name in self.order:
            if self.kind(name) == "Add":
                summands = sorted(range(len(self.inputs[name])), key=lambda i: len(self.before(self.inputs[name][i])))
                shortcut[name] = summands
                beside = self.before(self.inputs[name][summands[0]])
                for other in summands[1:]:
                    branches |= self.before(self.inputs[name][other]) - beside
        ends = self.ends(branches)
        points = {self.last: {(k, 1) for k in scores}}
        for name in reversed(self.order):
            if name in ends:
                continue
            for point in points.pop(name, ()):
                for source, found in self.cross(name, point, name in branches, shortcut.get(name)):
                    points.setdefault(source, set()).add(found)
        return sorted((p[0], p[1]) for found in points.values() for p in found)

    def ends(self, branches):
        ends = {self.picture}
        size = self.values[self.picture].shape[:2]
        for name in self.order:
            value, kind = self.values[name], self.kind(name)
            if value.ndim != 3 or value.shape[:2] != size or not all(one in ends for one in self.inputs[name]):
                continue
            keeps = kind in ("BatchNormalization", "Activation", "ReLU", "Dropout", "Add", "Concatenate")
            if kind == "Conv2D" and name not in branches:
                keeps = tuple(self.option(name, "strides")) == (1, 1) and self.kernel_size(name)[0] % 2 == 1
            if keeps:
                ends.add(name)
        return ends

    def cross(self, name, point, in_branch, shortcut):
        kind, sources = self.kind(name), self.inputs[name]
        x = self.values[sources[0]]
        if kind in ("Activation", "ReLU", "Dropout", "Softmax"):
            return [(sources[0], point)]
        if kind == "BatchNormalization":
            sign = int(np.sign(self.weight(name, "gamma")[point[-2]])) * point[-1]
            return [(sources[0], (*point[:-1], sign))]
        if kind == "Flatten":
            row, rest = divmod(point[0], x.shape[1] * x.shape[2])
            return [(sources[0], (row, *divmod(rest, x.shape[2]), point[1]))]
        if kind == "Dense":
            return self.cross_dense(name, point)
        if kind in ("Conv2D", "DepthwiseConv2D"):
            return [(sources[0], self.cross_convolution(name, point, x, in_branch))]
        if kind in ("MaxPooling2D", "AveragePooling2D"):
            row, column, channel, sign = point
            rows, columns = self.window(name, x, row, column)
            best = self.largest(sign * x[np.ix_(rows, columns)][..., channel])
            return [(sources[0], (rows[best // len(columns)], columns[best % len(columns)], channel, sign))]
        if kind == "GlobalAveragePooling2D":
            channel, sign = point
            best = self.largest(sign * x[..., channel])
            return [(sources[0], (*divmod(best, x.shape[1]), channel, sign))]
        if kind == "ZeroPadding2D":
            (top, _), (left, _) = self.option(name, "padding")
            row, column = (min(max(at - by, 0), size - 1) for at, by, size in zip(point, (top, left), x.shape))
            return [(sources[0], (row, column, *point[2:]))]
        if kind == "Add":
            values = [point[-1] * self.values[sources[i]][point[:-1]] for i in shortcut]
            return [(sources[shortcut[self.largest(values)]], point)]
        if kind == "Concatenate":
            channel = point[-2]
            for source in sources:
                if channel < self.values[source].shape[-1]:
                    return [(source, (*point[:-2], channel, point[-1]))]
                channel -= self.values[source].shape[-1]
        raise NotImplementedError(kind)

    def cross_dense(self, name, point):
        source = self.inputs[name][0]
        index, sign = point
        contributions = sign * self.values[source] * self.weight(name, "kernel")[:, index]
        flat = source
        while self.kind(flat) in ("Activation", "ReLU", "Dropout"):
            flat = self.inputs[flat][0]
        if self.kind(flat) != "Flatten" or self.values[self.inputs[flat][0]].shape[:2] == (1, 1):
            return [(source, (int(k), 1)) for k in np.flatnonzero(contributions > 0)]
        # The authors' nets keep channels first, which decides between equal contributions.
        shape = self.values[self.inputs[flat][0]].shape
        channel, rest = divmod(self.largest(contributions.reshape(shape).transpose(2, 0, 1)), shape[0] * shape[1])
        return [(source, (rest * shape[2] + channel, 1))]

    def cross_convolution(self, name, point, x, in_branch):
        row, column, channel, sign = point
        weights, first = self.filter(name, channel, x.shape[2])
        patch = self.patch(name, x, row, column)[:, :, first : first + weights.shape[2]]
        best = self.largest(sign * (patch * weights).sum((0, 1)))
        if (in_branch or self.kind(name) == "DepthwiseConv2D") and weights.shape[:2] != (1, 1):
            rows, columns = self.window(name, x, row, column)
            at = self.largest(x[np.ix_(rows, columns)][..., first + best])
            return (rows[at // len(columns)], columns[at % len(columns)], first + best, 1)
        rows, columns = self.places(name, x, row, column)
        centre = [places[(len(places) - 1) // 2] for places in (rows, columns)]
        return (*(min(max(at, 0), size - 1) for at, size in zip(centre, x.shape)), first + best, 1)


def without_outliers(points, size):
    """`outlier_removal` of utils.py: points with more than 5 % of all points within a tenth of the diagonal."""
    places = np.array(points, np.float64).reshape(-1, 2)
    reach = 0.1 * np.hypot(*size)
    near = [(np.sqrt(((places - one) ** 2).sum(1)) < reach).sum() for one in places]
    kept = [point for point, count in zip(points, near) if count > 0.05 * len(points)]
    return kept or points


def heatmap(points, size, deviation=20):
    """`heatmap` of utils.py before its scaling, with the Gaussian window and mirrored border of OpenCV."""
    counts = np.zeros(size)
    for row, column in points:
        counts[row, column] += 1
    taps = min(size) if min(size) % 2 else min(size) - 1
    kernel = np.exp(-(((np.arange(taps) - (taps - 1) / 2) / deviation) ** 2) / 2)
    kernel /= kernel.sum()
    reach = (taps - 1) // 2
    padded = np.pad(counts, reach, mode="reflect")
    for axis in (0, 1):
        padded = np.apply_along_axis(lambda line: np.convolve(line, kernel, "valid"), axis, padded)
    return padded
