"""Slopes that rounding decides.

A ReLU, bounded or leaky or not, a hard swish or sigmoid and a maximum have kinks. Where a value lies within the rounding errors of float32
from the kink, either slope may be right, and gradients of two correct programs differ by the whole step. This module
recomputes torch's float64 gradient with our slopes at just these places. If that gradient equals ours, rounding
explains the whole difference; if it does not, it is a fault of ours.

A place counts only if its value in float64 is nearer to the kink than MARGIN times the largest error that torch's own
float32 has in that layer.
"""

import numpy as np
import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from torch_values import RELU6S, RELUS, arrangements, bounds, is_equal, scores_of

MARGIN = 3
LEAKY = {functional.leaky_relu, functional.leaky_relu_}
HARD = {functional.hardswish: "hardSwish", functional.hardsigmoid: "hardSigmoid"}
MAX_POOLS = {functional.max_pool2d, torch.max_pool2d}


def kink_of(function, arguments, options):
    """The kinks of a call as (kind, low, high, slope below); None for a call without any."""
    if function in RELUS:
        return "relu", 0.0, None, 0.0
    if function in RELU6S:
        low, high = bounds(function, arguments, options)
        return ("relu", 0.0, float(high), 0.0) if low == 0 else None
    if function in LEAKY:
        slope = arguments[1] if len(arguments) > 1 else options.get("negative_slope", 0.01)
        return "relu", 0.0, None, slope
    if function in HARD:
        return HARD[function], -3.0, 3.0, 0.0
    return ("maxPool", None, None, None) if function in MAX_POOLS else None


class Kinks(TorchFunctionMode):
    """Hands each call that has a kink to `handle`, which returns the result, or None for torch's own."""

    def __init__(self, handle):
        super().__init__()
        self.handle = handle
        self.place = 0

    def __torch_function__(self, function, types, arguments=(), options=None):
        options = options or {}
        kink = kink_of(function, arguments, options)
        if kink is None:
            return function(*arguments, **options)
        place, self.place = self.place, self.place + 1
        found = self.handle(place, kink, arguments, options)
        return function(*arguments, **options) if found is None else found


class Decided(torch.autograd.Function):
    """A function whose derivative is given; a guided one passes positive gradients only."""

    @staticmethod
    def forward(context, value, result, slopes, is_guided):
        context.save_for_backward(slopes)
        context.is_guided = is_guided
        return result.clone()

    @staticmethod
    def backward(context, gradient):
        (slopes,) = context.saved_tensors
        return (gradient.clamp(min=0) if context.is_guided else gradient) * slopes, None, None, None


def zone(value, low, high):
    """0 below the lower kink, 1 between, 2 above the upper one."""
    above = torch.zeros_like(value) if high is None else (value >= high).to(value.dtype)
    return (value > low).to(value.dtype) + above


def pool_options(arguments, options):
    names = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode")
    given = {**dict(zip(names, arguments)), **options}
    given.pop("input")
    given.pop("return_indices", None)
    return given


def pool(value, given):
    return functional.max_pool2d(value, return_indices=True, **given)


class Decisions:
    """Ours beside torch's: where they differ, and where that is rounding."""

    def __init__(self, reference, folder, places):
        self.reference = reference
        self.units = 0
        self.outside = 0
        self.margin = 0.0
        self.forced = {}
        double, single = self.values("float64"), self.values("float32")
        waiting = [{**one, "file": folder / f"decision-{i}.f32"} for i, one in enumerate(places)]
        for place, (kink, value, given) in double.items():
            mine = self.take(waiting, kink, value, given)
            if mine is not None:
                error = (single[place][1].double() - value).abs().max()
                self.compare(place, kink, value, given, mine, error)

    def values(self, precision):
        """What goes into each call, in order."""
        found = {}

        def keep(place, kink, arguments, options):
            given = pool_options(arguments, options) if kink[0] == "maxPool" else None
            found[place] = (kink, arguments[0].detach().clone(), given)

        with torch.no_grad(), Kinks(keep):
            scores_of(self.reference.nets[precision], self.reference.inputs[precision])
        return found

    def take(self, waiting, kink, value, given):
        """Our value of the same call, laid out like torch's: the first unused one that equals it."""
        wanted = kinked(value, kink) if kink[0] == "relu" else value
        for one in waiting:
            if one["kind"] != kink[0] or np.prod(one["shape"]) != value.numel():
                continue
            mine = torch.from_numpy(np.fromfile(one["file"], np.float32).reshape(one["shape"])).double()
            for back, arrange in enumerate(arrangements(wanted, mine)):
                if is_equal(arrange(wanted), mine):
                    waiting.remove(one)
                    return lay_back(mine, wanted, back)
        return None

    def compare(self, place, kink, value, given, mine, error):
        if kink[0] == "maxPool":
            theirs, ours = pool(value, given)[1], pool(mine, given)[1]
            flat = value.flatten(2)
            take = lambda at: flat.gather(2, at.flatten(2)).reshape(at.shape)
            distance = take(theirs) - take(ours)
        else:
            _, low, high, slope = kink
            before = mine if kink[0] != "relu" or slope != 0 else torch.where(mine > 0, mine, -1.0)
            theirs, ours = zone(value, low, high), zone(before, low, high)
            distance = (value - low).abs()
            if high is not None:
                distance = torch.minimum(distance, (value - high).abs())
        differs = theirs != ours
        is_tie = differs & (distance <= MARGIN * error)
        self.outside += int((differs & ~is_tie).sum())
        if not is_tie.any():
            return
        self.units += int(is_tie.sum())
        self.margin = max(self.margin, float((distance[is_tie] / value.abs().max()).max()))
        self.forced[place] = torch.where(is_tie, ours, theirs)

    def input_gradient(self, index, is_guided):
        """Torch's gradient in float64, with our slopes where rounding decides."""

        def decide(place, kink, arguments, options):
            value = arguments[0]
            if kink[0] == "maxPool":
                if place not in self.forced:
                    return None
                at = self.forced[place]
                return value.flatten(2).gather(2, at.flatten(2)).reshape(at.shape)
            _, low, high, slope = kink
            guides = is_guided and kink[0] == "relu" and slope == 0
            if place not in self.forced and not guides:
                return None
            zones = self.forced.get(place)
            zones = zone(value.detach(), low, high) if zones is None else zones
            return Decided.apply(value, kinked(value.detach(), kink), slopes_of(kink, zones, value.detach()), guides)

        picture = self.reference.inputs["float64"].clone().requires_grad_()
        with Kinks(decide):
            score = scores_of(self.reference.nets["float64"], picture)[:, index].sum()
        return torch.autograd.grad(score, picture)[0]


def slopes_of(kink, zones, value):
    """The derivative in each zone."""
    kind, _, _, slope = kink
    below, above = slope, 0.0
    between = torch.ones_like(value)
    if kind == "hardSwish":
        between, above = (2 * value + 3) / 6, 1.0
    if kind == "hardSigmoid":
        between = between / 6
    outer = torch.where(zones == 0, torch.full_like(value, below), torch.full_like(value, above))
    return torch.where(zones == 1, between, outer)


def kinked(value, kink):
    kind, low, high, slope = kink
    if kind in HARD.values():
        sigmoid = (value / 6 + 0.5).clamp(0, 1)
        return value * sigmoid if kind == "hardSwish" else sigmoid
    found = torch.where(value > low, value, slope * value)
    return found if high is None else found.clamp(max=high)


def lay_back(mine, like, back):
    """Our array in torch's layout; `back` is the number of the arrangement that fitted."""
    shape = tuple(like.shape)
    if back == 0 and like.shape[-1] == mine.shape[-1]:
        return mine.reshape(shape)
    moved = (shape[0], *shape[2:], shape[1])
    return mine.reshape(moved).movedim(-1, 1)
