"""The net for captions in PyTorch: the encoder of words_nets.py, a transformer's decoder, and a pointer.

The decoder says which kind of word comes next. Which object, or which colour, is read where the pointer looks: the
logit of "cat" is a share of attention for each cell times what speaks for a cat in that cell. Gradients of nouns and
colours at the layer `seen` are then the same in each cell up to that share, so Grad-CAM, whose weights are means over
the cells, keeps what the word was read from.

Matrices are [inputs, outputs], so that an exporter keeps them as they are, under their names.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from words_language import CAPTION_LENGTH, CAPTION_WORDS, COLOURS, LABELS, PLURALS
from words_nets import CHANNELS, GRID, WIDTH, weights_of

# The layer of the maps, by its name in the file.
LAYER = "captions.seen"


def places_of_cells():
    """[64, 2]: the x and y of the middle of each cell, from -1 to 1."""
    at = (torch.arange(GRID) + 0.5) / (GRID / 2) - 1
    y, x = (one.flatten() for one in torch.meshgrid(at, at, indexing="ij"))
    return torch.stack([x, y], 1)


def begin_with_places(cells):
    """Puts where each cell is into the last channels: products and waves of its coordinates, from -1 to 1.

    Attention can then compare places from the start, without learning each cell by itself.
    """
    x, y = places_of_cells().T
    waves = [wave(k * torch.pi * one) for k in (0.5, 1, 2) for one in (x, y) for wave in (torch.sin, torch.cos)]
    codes = torch.stack([torch.ones_like(x), x, y, x * y, x * x, y * y, *waves], 1)
    cells[:, -codes.shape[1] :] = codes
    return cells


def kinds_and_contents():
    """Two matrices of ones and zeros, to the words of captions: from their kinds and from what is seen.

    Each word that names no object and no colour is a kind of its own; then come singular, plural and colour.
    """
    others = [word for word in CAPTION_WORDS if word not in (*LABELS, *PLURALS, *COLOURS)]
    kinds = [*([word] for word in others), LABELS, PLURALS, COLOURS]
    contents = [*zip(LABELS, PLURALS, strict=True), *([colour] for colour in COLOURS)]
    rows = lambda sets: torch.tensor([[float(word in one) for word in CAPTION_WORDS] for one in sets])
    return rows(kinds), rows(contents)


class Matrix(nn.Module):
    """A linear layer whose matrix is [inputs, outputs]."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * inputs**-0.5)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return x @ self.weight + self.bias


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (Matrix(width, width) for _ in range(4))

    def forward(self, x, memory, mask=None):
        split = lambda y: y.reshape(y.shape[0], y.shape[1], self.heads, -1).transpose(1, 2)
        query, key, value = split(self.query(x)), split(self.key(memory)), split(self.value(memory))
        scores = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5
        if mask is not None:
            scores = scores + mask
        mixed = (scores.softmax(-1) @ value).transpose(1, 2)
        return self.out(mixed.reshape(x.shape))


class Middles(nn.Module):
    """Where the thing is that each cell shows: the mean place of the cells that look alike and are near, [n, cells, 2].

    A thing covers several cells. "Left of" and "above" are of its middle, not of the cell that names it.
    """

    def __init__(self, width, keys=16, reach=0.3):
        super().__init__()
        self.query, self.key = Matrix(width, keys), Matrix(width, keys)
        self.register_buffer("places", places_of_cells())
        self.near = nn.Parameter(-(torch.cdist(self.places, self.places) ** 2) / (2 * reach**2))

    def forward(self, memory):
        scores = self.query(memory) @ self.key(memory).transpose(1, 2) * self.query.weight.shape[1] ** -0.5
        return (scores + self.near).softmax(-1) @ self.places


class Places(nn.Module):
    """Where to look from a thing that was named: what is added to the scores of each cell, [n, heads, words, cells].

    A softmax over the cells finds the thing, and each head favours things by how far and in which direction they are
    from it.
    """

    def __init__(self, width, heads, keys=32, shapes=16):
        super().__init__()
        self.heads, self.shapes = heads, shapes
        self.query, self.key = Matrix(width, keys), Matrix(width, keys)
        self.near = Matrix(2, shapes)
        self.favour = Matrix(width, shapes * heads)

    def forward(self, x, memory, middles):
        scores = self.query(x) @ self.key(memory).transpose(1, 2) * self.query.weight.shape[1] ** -0.5
        named = scores.softmax(-1) @ middles
        relative = middles[:, None] - named[:, :, None]
        favours = self.favour(x).reshape(x.shape[0], x.shape[1], self.shapes, self.heads)
        return (F.relu(self.near(relative)) @ favours).permute(0, 3, 1, 2)


class DecoderLayer(nn.Module):
    def __init__(self, width, heads, inner, places):
        super().__init__()
        self.places = Places(width, heads) if places else None
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.itself = Attention(width, heads)
        self.picture = Attention(width, heads)
        self.inner, self.outer = Matrix(width, inner), Matrix(inner, width)

    def forward(self, x, memory, mask, middles):
        y = self.norm1(x)
        x = x + self.itself(y, y, mask)
        y = self.norm2(x)
        x = x + self.picture(y, memory, None if self.places is None else self.places(y, memory, middles))
        return x + self.outer(F.relu(self.inner(self.norm3(x))))


class Pointer(nn.Module):
    """What is seen where a word looks: logits of objects and colours."""

    def __init__(self, width, contents, keys=32):
        super().__init__()
        self.query, self.key = Matrix(width, keys), Matrix(width, keys)
        self.content = Matrix(width, contents)

    def forward(self, x, memory, seen):
        scores = self.query(x) @ self.key(memory).transpose(1, 2) * self.query.weight.shape[1] ** -0.5
        return scores.softmax(-1) @ self.content(seen)


# How much noise what a word is chosen by has in training, where each of its numbers varies by about 1.
NOISE = 0.5


class Captions(nn.Module):
    """Features and the words so far to the logits of the next word at each place.

    Words are looked up by a product with ones and zeros, so that every runtime that multiplies matrices can do it.
    """

    def __init__(self, words=len(CAPTION_WORDS), length=CAPTION_LENGTH, heads=4, inner=160, layers=3):
        super().__init__()
        self.grid = nn.Conv2d(CHANNELS, WIDTH, 1)
        # A module, so that the layer of the maps has a name in the file.
        self.seen = nn.ReLU()
        self.cells = nn.Parameter(begin_with_places(torch.randn(GRID * GRID, WIDTH) * 0.05))
        self.table = nn.Parameter(torch.randn(words, WIDTH) * 0.3)
        self.steps = nn.Parameter(torch.randn(length, WIDTH) * 0.1)
        self.middles = Middles(WIDTH)
        self.layers = nn.ModuleList(DecoderLayer(WIDTH, heads, inner, i > 0) for i in range(layers))
        self.norm = nn.LayerNorm(WIDTH)
        kinds, contents = kinds_and_contents()
        self.out = Matrix(WIDTH, len(kinds))
        self.pointer = Pointer(WIDTH, len(contents))
        self.register_buffer("kinds", kinds)
        self.register_buffer("contents", contents)
        self.register_buffer("vocabulary", torch.arange(words))
        self.register_buffer("mask", torch.full((length, length), -1e9).triu(1))

    def forward(self, features, tokens, scenes=None):
        return self.continue_from(self.seen(self.grid(features)), tokens, scenes)

    def continue_from(self, grid, tokens, scenes=None):
        seen = grid.flatten(2).transpose(1, 2)
        if scenes is not None:
            seen = seen[scenes]
        memory = seen + self.cells
        middles = self.middles(memory)
        chosen = (tokens[:, :, None] == self.vocabulary).to(self.table.dtype)
        x = chosen @ self.table + self.steps
        for layer in self.layers:
            x = layer(x, memory, self.mask, middles)
        x = self.norm(x)
        if self.training:
            # Where to look must not depend on little things: a word's map then shows what is seen there, rather than
            # what moves the pointer.
            x = x + NOISE * torch.randn_like(x)
        return self.out(x) @ self.kinds + self.pointer(x, memory, seen) @ self.contents


    def presence(self, features):
        """[n, contents]: what speaks for each object and colour anywhere in the picture; for training alone."""
        seen = self.seen(self.grid(features)).flatten(2).transpose(1, 2)
        return self.pointer.content(seen).logsumexp(1) - math.log(GRID * GRID)


class CaptionNet(nn.Module):
    """What demo-caption.onnx computes: picture [n, 3, 128, 128] minus the mean, tokens [n, 20], logits [n, 20, words]."""

    def __init__(self, encoder, captions):
        super().__init__()
        self.encoder, self.captions = encoder, captions

    def forward(self, image, caption):
        return self.captions(self.encoder(image), caption)

    def load_onnx(self, path):
        """The weights of an exported file, by their names in it."""
        found = weights_of(path)
        with torch.no_grad():
            for name, place in self.named_parameters():
                place.copy_(torch.from_numpy(found[name].reshape(place.shape).copy()))
        return self
