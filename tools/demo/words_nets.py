"""The encoder of the nets for questions and captions, and the net for questions, in PyTorch.

Both nets begin with the trained demo ResNet, whose batch normalisations are within its convolutions, as its ONNX file has
them. Pictures are NCHW, RGB from 0 to 255 minus the mean.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from torch_nets import ARCHITECTURE
from words_language import ANSWERS, QUESTION_WORDS

DEMO = Path(__file__).parents[2] / "demo"
CLASSIFIER = DEMO / "pytorch" / "demo-resnet.onnx"
SPEC = ARCHITECTURE["demo-resnet"]
MEAN = SPEC["mean"]
GRID = 8
CHANNELS = 4 * SPEC["blocks"][-1]["baseDepth"]
WIDTH = 96
# Channels of the layers of which there is one copy for each question.
NARROW = 64


class Unit(nn.Module):
    """A bottleneck unit without normalisations."""

    def __init__(self, inputs, base, stride):
        super().__init__()
        outputs = 4 * base
        self.stride = stride
        self.shortcut = None if inputs == outputs else nn.Conv2d(inputs, outputs, 1, stride)
        self.conv1 = nn.Conv2d(inputs, base, 1)
        self.conv2 = nn.Conv2d(base, base, 3, stride, 1)
        self.conv3 = nn.Conv2d(base, outputs, 1)

    def forward(self, x):
        s = self.stride
        shortcut = self.shortcut(x) if self.shortcut is not None else x[:, :, ::s, ::s]
        y = F.relu(self.conv2(F.relu(self.conv1(x))))
        return F.relu(shortcut + self.conv3(y))


class Encoder(nn.Module):
    """Pictures to features [n, 256, 8, 8]."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, SPEC["root"], 7, 2, 3)
        channels = SPEC["root"]
        for number, block in enumerate(SPEC["blocks"], 1):
            units = []
            for i in range(1, block["units"] + 1):
                units.append(Unit(channels, block["baseDepth"], block["stride"] if i == block["units"] else 1))
                channels = 4 * block["baseDepth"]
            setattr(self, f"layer{number}", nn.Sequential(*units))

    def early(self, x):
        """All but the last block, which stays as the classifier has it: [n, 128, 8, 8]."""
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.pad(x, (0, 1, 0, 1)), 3, 2)
        return self.layer2(self.layer1(x))

    def forward(self, x):
        return self.layer3(self.early(x))

    def load_onnx(self, path=CLASSIFIER):
        """The weights of the classifier, which training starts from."""
        found = weights_of(path)
        with torch.no_grad():
            for name, place in self.named_parameters():
                module, kind = name.rsplit(".", 1)
                source = f"{module}.weight" if module == "conv1" else f"{module}.0.weight"
                place.copy_(torch.from_numpy(found[source if kind == "weight" else f"{source}_bias"].copy()))
        return self


def weights_of(path):
    """The arrays of an ONNX file, by their names."""
    import onnx
    from onnx import numpy_helper

    return {one.name: numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}


def begin_with_classes(grid, path=CLASSIFIER, scale=0.05):
    """The first channels of a head's first layer begin as what speaks for each class in a cell.

    The classifier's logits are means over 64 cells of which an object covers few, so the matrix is scaled down.
    """
    matrix = torch.from_numpy(weights_of(path)["fc.weight"].copy())
    with torch.no_grad():
        grid.weight[: len(matrix)] = scale * matrix[:, :, None, None]
        grid.bias[: len(matrix)] = 0


def relative_places():
    """[64, 64 * 2]: from a share of attention for each cell to how far each cell is from the attended place.

    The shares sum to 1, so what is linear in them is the difference to their mean place. In units of half the side.
    """
    rows, columns = np.divmod(np.arange(GRID * GRID), GRID)
    places = (np.stack([columns, rows], 1) + 0.5) / (GRID / 2) - 1
    return torch.tensor((places[None] - places[:, None]).reshape(GRID * GRID, -1), dtype=torch.float32)


class Answers(nn.Module):
    """Features and a question to the logits of the answers.

    The question's words become a vector by a GRU. It first looks for the thing that is asked about (a softmax over the
    cells, whose mean place is where the thing is), then scales and shifts the channels of a small convolutional net
    over the grid. Whatever that net finds is summed over the cells and read by one matrix, so that a map of the last
    layer shows what speaks for an answer.
    """

    def __init__(self, words=len(QUESTION_WORDS), answers=len(ANSWERS), embedding=32, hidden=96, places=24):
        super().__init__()
        self.words = nn.Embedding(words, embedding)
        self.question = nn.GRU(embedding, hidden, batch_first=True)
        self.grid = nn.Conv2d(CHANNELS, WIDTH, 1)
        self.asked = nn.Linear(hidden, WIDTH)
        self.places = nn.Conv2d(2, places, 1)
        channels = WIDTH + 1 + places
        self.scale1 = nn.Linear(hidden, channels)
        self.shift1 = nn.Linear(hidden, channels)
        self.fuse = nn.Conv2d(channels, NARROW, 3, padding=1)
        self.scale2 = nn.Linear(hidden, NARROW)
        self.shift2 = nn.Linear(hidden, NARROW)
        self.last = nn.Conv2d(NARROW, NARROW, 3, padding=1)
        self.evidence = nn.Linear(NARROW, answers, bias=False)
        self.prior = nn.Linear(hidden, answers)
        self.register_buffer("relative", relative_places())

    def forward(self, features, tokens, scenes=None, with_layers=False):
        """`scenes` gives the row of `features` for each question; default: one question for each."""
        grid = F.relu(self.grid(features))
        if scenes is not None:
            grid = grid[scenes]
        _, state = self.question(self.words(tokens))
        question = state[0]
        scores = (grid.flatten(2) * self.asked(question)[:, :, None]).sum(1) / WIDTH**0.5
        attention = scores.softmax(1)
        relative = (attention @ self.relative).view(-1, GRID, GRID, 2).permute(0, 3, 1, 2)
        places = F.relu(self.places(relative))
        x = torch.cat([grid, F.relu(scores).view(-1, 1, GRID, GRID), places], 1)
        x = F.relu(self._modulate(x, self.scale1(question), self.shift1(question)))
        x = self.fuse(x)
        x = F.relu(self._modulate(x, self.scale2(question), self.shift2(question)))
        last = F.relu(self.last(x))
        logits = self.evidence(last.mean((2, 3))) + self.prior(question)
        return (logits, last, attention) if with_layers else logits

    @staticmethod
    def _modulate(x, scale, shift):
        return x * (1 + scale)[:, :, None, None] + shift[:, :, None, None]


def save(nets, path):
    np.savez(path, **{name: value.detach().contiguous().numpy() for name, value in nets.named_parameters()})


def load(nets, path, partly=False):
    """The weights of a .npz, or of a file of ONNX that was exported from such a net.

    `partly`: weights that the file lacks, or has in another shape, stay as they are, such as those of another head.
    """
    found = weights_of(path) if str(path).endswith(".onnx") else np.load(path)
    with torch.no_grad():
        for name, place in nets.named_parameters():
            if not partly or (name in found and found[name].shape == place.shape):
                place.copy_(torch.from_numpy(found[name].copy()))
    return nets
