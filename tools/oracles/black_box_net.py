"""Two tiny nets in NumPy, float64, with their derivatives written out: convolution, ReLU, linear head."""

import numpy as np

CLASSES = 3


class TinyNet:
    """3x3 convolution without padding, ReLU, then all cells or their mean into one linear layer."""

    def __init__(self, random, head):
        self.head = head
        self.kernel = random.uniform(-0.6, 0.6, (3, 3, 2, 4)).astype(np.float32)
        self.bias = random.uniform(-0.2, 0.6, 4).astype(np.float32)
        size = 4 if head == "mean" else 5 * 4 * 4
        reach = 2 if head == "mean" else 0.5
        self.dense = random.uniform(-reach, reach, (size, CLASSES)).astype(np.float32)
        self.offset = random.uniform(-0.3, 0.3, CLASSES).astype(np.float32)
        self.nearest_kink = np.inf

    def before_relu(self, x):
        rows, columns = x.shape[0] - 2, x.shape[1] - 2
        z = np.zeros((rows, columns, 4)) + self.bias.astype(np.float64)
        for i in range(3):
            for j in range(3):
                z += x[i : i + rows, j : j + columns] @ self.kernel[i, j].astype(np.float64)
        return z

    def activations(self, x):
        return np.maximum(self.before_relu(x), 0)

    def tail(self, a):
        flat = a.mean((0, 1)) if self.head == "mean" else a.ravel()
        return flat @ self.dense.astype(np.float64) + self.offset

    def logits(self, x):
        return self.tail(self.activations(x))

    def gradient_at_relu(self, seed):
        """d(seed . logits) / dA, which the linear tail makes the same everywhere."""
        flat = self.dense.astype(np.float64) @ seed
        return np.broadcast_to(flat / 20, (5, 4, 4)) if self.head == "mean" else flat.reshape(5, 4, 4)

    def gradient_at_input(self, x, seed):
        z = self.before_relu(x)
        self.nearest_kink = min(self.nearest_kink, np.abs(z).min())
        g = self.gradient_at_relu(seed) * (z > 0)
        out = np.zeros_like(x)
        for i in range(3):
            for j in range(3):
                out[i : i + 5, j : j + 4] += g @ self.kernel[i, j].astype(np.float64).T
        return out


def softmax(v):
    e = np.exp(v - v.max())
    return e / e.sum()


class Mulberry32:
    """The uniform generator that the methods draw from, by its published definition."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFF

    def __call__(self):
        self.state = (self.state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((self.state ^ (self.state >> 15)) * (self.state | 1)) & 0xFFFFFFFF
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & 0xFFFFFFFF)) & 0xFFFFFFFF
        return ((t ^ (t >> 14)) & 0xFFFFFFFF) / 2**32


def gaussians(seed, count):
    """Box and Muller: cosine, then sine of each pair."""
    uniform, values = Mulberry32(seed), []
    while len(values) < count:
        radius = np.sqrt(-2 * np.log(1 - uniform()))
        angle = 2 * np.pi * uniform()
        values += [radius * np.cos(angle), radius * np.sin(angle)]
    return values[:count]


def sample(grid, y, x):
    """Bilinear between cell centres, edges repeated."""
    rows, columns = grid.shape
    y, x = np.clip(y, 0, rows - 1), np.clip(x, 0, columns - 1)
    top, left = int(y), int(x)
    down, right = min(top + 1, rows - 1), min(left + 1, columns - 1)
    upper = grid[top, left] * (1 - (x - left)) + grid[top, right] * (x - left)
    lower = grid[down, left] * (1 - (x - left)) + grid[down, right] * (x - left)
    return upper * (1 - (y - top)) + lower * (y - top)


def enlarge(grid, height, width, crop=(0, 0), shown=None):
    """Half-pixel to (height, width), of which a part is shown."""
    rows, columns = grid.shape
    down, across = shown or (height, width)
    return np.array(
        [
            [
                sample(
                    grid,
                    (crop[0] + i + 0.5) * rows / height - 0.5,
                    (crop[1] + j + 0.5) * columns / width - 0.5,
                )
                for j in range(across)
            ]
            for i in range(down)
        ]
    )
