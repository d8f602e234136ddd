"""What PyTorch computes: scores, any value within a net, and gradients, plain and guided."""

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

RELUS = {torch.relu, torch.relu_, functional.relu, functional.relu_, torch.Tensor.relu, torch.Tensor.relu_}
RELU6S = {functional.relu6, functional.hardtanh, functional.hardtanh_}


class GuidedClamp(torch.autograd.Function):
    """A ReLU or ReLU6 that passes positive gradients only: Springenberg et al. 2014, arXiv 1412.6806."""

    @staticmethod
    def forward(context, value, top):
        found = value.clamp(min=0, max=top)
        context.save_for_backward(found)
        context.top = top
        return found

    @staticmethod
    def backward(context, gradient):
        (found,) = context.saved_tensors
        passes = found > 0 if context.top is None else (found > 0) & (found < context.top)
        return gradient.clamp(min=0) * passes, None


class Watch(TorchFunctionMode):
    """Hands every tensor that a function of torch returns to `see`, in order; ReLUs may be guided.

    The order is that of the calls, so it is the same in every pass of one net.
    """

    def __init__(self, see=None, is_guided=False):
        super().__init__()
        self.see = see
        self.is_guided = is_guided
        self.place = 0

    def __torch_function__(self, function, types, arguments=(), options=None):
        options = options or {}
        found = self.guide(function, arguments, options)
        if found is None:
            found = function(*arguments, **options)
        for one in found if isinstance(found, (tuple, list)) else (found,):
            if isinstance(one, torch.Tensor) and one.is_floating_point() and self.see is not None:
                self.see(self.place, one)
                self.place += 1
        return found

    def guide(self, function, arguments, options):
        if not self.is_guided:
            return None
        if function in RELUS:
            return GuidedClamp.apply(arguments[0], None)
        if function in RELU6S:
            low, high = bounds(function, arguments, options)
            if low == 0:
                return GuidedClamp.apply(arguments[0], high)
        return None


def bounds(function, arguments, options):
    if function is functional.relu6:
        return 0, 6
    low = arguments[1] if len(arguments) > 1 else options.get("min_val", -1.0)
    high = arguments[2] if len(arguments) > 2 else options.get("max_val", 1.0)
    return low, high


def scores_of(net, inputs):
    found = net(inputs)
    return found[0] if isinstance(found, (tuple, list)) else found


def find_value(net, inputs, wanted):
    """The place of the first value that equals `wanted`, and how its axes became those of `wanted`.

    `wanted` is [items, .., channels] in float64. Of values that are equal, the first is the one on which all others
    depend, so its gradient is the whole one.
    """
    found = []

    def see(place, value):
        if found or value.numel() != wanted.numel():
            return
        for arrange in arrangements(value, wanted):
            if is_equal(arrange(value.detach().double()), wanted):
                found.append((place, arrange))
                return

    with torch.no_grad(), Watch(see):
        net(inputs)
    return found[0] if found else None


def arrangements(value, wanted):
    """Ways to lay out a value like `wanted`: channels are last there, and second or last in PyTorch."""
    shape = tuple(wanted.shape)
    items, channels = shape[0], shape[-1]
    if value.dim() < 2 or value.shape[0] != items:
        return
    if value.shape[-1] == channels:
        yield lambda one: one.reshape(shape)
    if value.shape[1] == channels:
        yield lambda one: one.movedim(1, -1).reshape(shape)


def is_equal(value, wanted):
    scale = wanted.abs().max()
    return bool((value - wanted).abs().max() <= EQUAL * scale)


# Two values of a net that are not the same differ by far more; float32 errors of deep nets are below.
EQUAL = 2e-3


def gradient_at_value(net, inputs, index, place):
    """The value at a place and the gradient of a class's score with respect to it."""
    kept = []

    def see(at, value):
        if at == place:
            kept.append(value)

    picture = inputs.clone().requires_grad_()
    with Watch(see):
        score = scores_of(net, picture)[:, index].sum()
    (gradient,) = torch.autograd.grad(score, kept[0])
    return kept[0].detach(), gradient


def gradient_at_input(net, inputs, index, is_guided):
    picture = inputs.clone().requires_grad_()
    with Watch(is_guided=is_guided):
        score = scores_of(net, picture)[:, index].sum()
    (gradient,) = torch.autograd.grad(score, picture)
    return gradient
