"""Where a net's variables come from: a dict of stored tensors, or drawn while images pass through.

Random weights as initialisers draw them make dull oracles: dead or saturated ReLUs, one logit for
every image, BatchNorm statistics nobody has. So a drawn layer looks at what reaches it and sets its
statistics from that, then disturbs them a little, as trained statistics are never those of a batch.
"""

import numpy as np
import tensorflow as tf

LOGITS_SPREAD = 3.0  # standard deviation of one image's logits: several classes stay in play
# ReLUs make every input positive, and random sums of positive numbers are large means with small
# differences on top; normalising those away costs float32 its digits. Trained kernels do not do that.
MEAN_TAKEN = 0.9


class StoredVariables:
    """Variables by name; a missing name or another shape is an error here, not a broadcast later."""

    def __init__(self, tensors, dtype=tf.float32):
        self.tensors = tensors
        self.dtype = dtype

    def kernel(self, name, shape, x):
        return self._get(name, shape)

    def biased_kernel(self, name, bias_name, shape, x, apply):
        return self._get(name, shape), self._get(bias_name, (shape[-1],))

    def batch_norm(self, scope, x):
        parts = ("gamma", "beta", "moving_mean", "moving_variance")
        return [self._get(f"{scope}/{part}", (x.shape[-1],)) for part in parts]

    def _get(self, name, shape):
        tensor = self.tensors[name]
        if tuple(tensor.shape) != tuple(shape):
            raise ValueError(f"{name}: stored as {tensor.shape}, the net wants {shape}")
        return tf.cast(tf.convert_to_tensor(tensor), self.dtype)


class DrawnVariables:
    """Draws each variable when the net first asks for it, in the net's order; seeded."""

    def __init__(self, seed, *, sparse=(), logits=()):
        """`sparse`: scopes whose ReLU lets about a fifth through; `logits`: scopes that end a net."""
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.tensors = {}
        self.sparse = sparse
        self.logits = logits

    def kernel(self, name, shape, x):
        drawn = self.random.standard_normal(shape, dtype=np.float32)
        if "depthwise" in name:
            drawn -= MEAN_TAKEN * drawn.mean((0, 1), keepdims=True)
        else:
            self._take_mean(drawn, x)
        # A depthwise kernel [h, w, C, m] sums over h and w alone.
        fan_in = np.prod(shape[:2]) if "depthwise" in name else np.prod(shape[:-1])
        drawn *= np.float32(np.sqrt(2 / fan_in))
        return self._keep(name, drawn)

    def biased_kernel(self, name, bias_name, shape, x, apply):
        kernel = self.kernel(name, shape, x)
        y = apply(kernel).numpy().reshape(-1, shape[-1]).astype(np.float64)
        scope = name.rsplit("/", 1)[0]
        if any(scope.endswith(ending) for ending in self.logits):
            # Half of each class's own mean is taken away: what is left depends more on the image.
            shift = -0.5 * y.mean(0)
            # Among the classes of an image; a single class can only differ between images.
            spread = np.median((y + shift).std(1)) if shape[-1] > 1 else y.std()
            scale = np.full(shape[-1], LOGITS_SPREAD / spread)
            shift *= scale
        else:
            # Means far from zero come and go with the input: the spread over images and cells counts.
            scale = self.random.uniform(0.5, 1.5, shape[-1]) / np.maximum(y.std(0), 1e-6)
            closed = 0.8 if any(scope.endswith(ending) for ending in self.sparse) else 0.5
            quantile = np.clip(closed + self.random.normal(0, 0.05, shape[-1]), 0.05, 0.95)
            shift = -np.array([np.quantile(y[:, k] * scale[k], q) for k, q in enumerate(quantile)])
        scaled = self._keep(name, self.tensors[name] * scale.astype(np.float32))
        return scaled, self._keep(bias_name, shift.astype(np.float32))

    def batch_norm(self, scope, x):
        channels = x.shape[-1]
        values = x.numpy().reshape(-1, channels).astype(np.float64)
        mean, variance = values.mean(0), values.var(0)
        draw = self.random
        # The branch that is added to a shortcut is small, as in trained nets: otherwise the sums would
        # grow from unit to unit, and rounding errors with them.
        added = "bottleneck_v1/conv3" in scope
        gamma = draw.uniform(0.5, 1.5, channels) * (0.5 if added else 1)
        # Channels lean to open or to closed, half of them each (more to closed where sums only grow):
        # a unit seldom lies within rounding error of zero, where a right engine may pass its gradient
        # or not.
        closed = 0.7 if added else 0.5
        lean = np.where(draw.random(channels) < closed, -1, 1)
        beta = gamma * draw.uniform(0.75, 2, channels) * lean
        parts = {
            "gamma": gamma,
            "beta": beta,
            "moving_mean": mean + draw.normal(0, 0.1, channels) * np.sqrt(variance),
            "moving_variance": variance * draw.uniform(0.8, 1.25, channels) + 1e-4,
        }
        return [self._keep(f"{scope}/{k}", v.astype(np.float32)) for k, v in parts.items()]

    def _take_mean(self, kernel, x):
        """Turns each output away from the mean input, so that what it sees is the differences."""
        mean = x.numpy().reshape(-1, x.shape[-1]).mean(0)
        outputs = kernel.reshape(-1, x.shape[-1], kernel.shape[-1])  # a view: [places, C, outputs]
        along = np.einsum("pco,c->o", outputs, mean) / max(len(outputs) * mean @ mean, 1e-12)
        outputs -= MEAN_TAKEN * mean[:, None] * along

    def _keep(self, name, tensor):
        self.tensors[name] = np.ascontiguousarray(tensor)
        return tf.convert_to_tensor(self.tensors[name])
