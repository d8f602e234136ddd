# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6"]
# ///
"""Explains as pytorch-grad-cam does, on the same nets, and says how long it took.

    python tools/bench/peer.py NET

Reads lines `forward`, `grad-cam`, `guided` and answers each with the milliseconds that
one took, by the clock and of CPU time. Written from
that package's described behaviour, with none of its code: hooks on the target layer keep its output and
that output's gradient; the score's backward pass runs through the whole net, to every parameter; the
map is ReLU(sum of mean gradient times activation), from 0 to 1 and enlarged to the image. Guided
backpropagation exchanges every ReLU for one that also drops negative gradients and returns the
input's gradient. The package enlarges by OpenCV, this by PyTorch.
"""

import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

from torch_nets import make_net


class GuidedRelu(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * (gradient > 0) * (x > 0)


class GuidedReluModule(torch.nn.Module):
    def forward(self, x):
        return GuidedRelu.apply(x)


def exchange_relus(module, make):
    for name, child in module.named_children():
        if isinstance(child, (torch.nn.ReLU, GuidedReluModule)):
            setattr(module, name, make())
        else:
            exchange_relus(child, make)


def grad_cam(net, image):
    kept = {}

    def keep(_module, _inputs, output):
        kept["activations"] = output.detach()
        output.register_hook(lambda gradient: kept.update(gradients=gradient.detach()))

    hook = net.last.register_forward_hook(keep)
    x = image.clone().requires_grad_(True)
    logits = net(x)
    net.zero_grad()
    logits[0, int(logits[0].argmax())].backward(retain_graph=True)
    hook.remove()
    activations, gradients = (kept[key].cpu().numpy() for key in ("activations", "gradients"))
    weights = gradients.mean((2, 3), keepdims=True)
    cam = np.maximum((weights * activations).sum(1), 0)
    cam = (cam - cam.min()) / (1e-7 + cam.max())
    size = image.shape[-2:]
    return F.interpolate(torch.from_numpy(cam)[None], size, mode="bilinear")[0, 0].numpy()


def guided(net, image):
    exchange_relus(net, GuidedReluModule)
    x = image.clone().requires_grad_(True)
    logits = net(x)
    logits[0, int(logits[0].argmax())].backward(retain_graph=True)
    exchange_relus(net, torch.nn.ReLU)
    return x.grad[0].permute(1, 2, 0).numpy()


def forward(net, image):
    with torch.no_grad():
        return net(image).numpy()


def main():
    net = make_net(sys.argv[1])
    image = torch.rand(1, 3, 224, 224) * 255 - 127
    work = {"forward": forward, "grad-cam": grad_cam, "guided": guided}
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
    for line in sys.stdin:
        started, used = time.perf_counter(), time.process_time()
        work[line.strip()](net, image)
        wall, cpu = time.perf_counter() - started, time.process_time() - used
        print(1000 * wall, 1000 * cpu, flush=True)


if __name__ == "__main__":
    main()
