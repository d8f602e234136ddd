# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.13.0"]
# ///
"""Trains one demo net from image-level labels only; boxes serve the validation report alone.

    node tools/demo/render.mjs <scenes>
    python tools/demo/train.py demo-resnet <scenes> <weights>     (and demo-vgg)

writes <weights>/<net>.npz, the tensors under the names of the exported file, and <net>.json.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from scene_data import label_matrix, load_scenes, peak_point, point_in_box
from torch_nets import ARCHITECTURE, NETS

CLASSES = ARCHITECTURE["classes"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("net", choices=NETS)
    parser.add_argument("scenes")
    parser.add_argument("weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=10)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--alike", type=float, default=0.02, help="weight of the net's penalty")
    parser.add_argument("--share", type=float, default=1, help="weight of the softmax term")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def augment(pixels, generator):
    """Shift, mirror, contrast: cheap, and none of them changes what is in the picture."""
    side = pixels.shape[1]
    reach = 6
    x = F.pad(pixels.permute(0, 3, 1, 2), (reach,) * 4, mode="replicate").permute(0, 2, 3, 1)
    top, left = torch.randint(0, 2 * reach + 1, (2,), generator=generator).tolist()
    x = x[:, top : top + side, left : left + side]
    mirrored = torch.rand(len(x), generator=generator) < 0.5
    x = torch.where(mirrored[:, None, None, None], x.flip(2), x)
    gain = 1 + 0.3 * (torch.rand(len(x), 1, 1, 3, generator=generator) - 0.5)
    lift = 30 * (torch.rand(len(x), 1, 1, 1, generator=generator) - 0.5)
    return (x * gain + lift).clamp(0, 255)


def loss_of(logits, labels, share):
    """Each logit answers for its own class, which is what a class's map should show. The softmax
    term wants 1/k for each of a scene's k classes; a head of several layers meets that by evening
    out large and small objects, which spoils its gradient: leave it out there."""
    own = 2 * F.binary_cross_entropy_with_logits(logits, labels)
    if share == 0:
        return own
    shares = labels / labels.sum(1, keepdim=True)
    return own - share * (shares * logits.log_softmax(1)).sum(1).mean()


def grad_cams(net, pixels):
    """Logits [n,k] and raw Grad-CAM maps [n,k,h,w] of every class."""
    with torch.no_grad():
        features = net.features(pixels)
    features.requires_grad_()
    logits = net.head(features)
    maps = []
    for k in range(CLASSES):
        (gradient,) = torch.autograd.grad(logits[:, k].sum(), features, retain_graph=True)
        weights = gradient.mean((2, 3), keepdim=True)
        maps.append((weights * features).sum(1))
    return logits.detach().numpy(), torch.stack(maps, 1).detach().numpy()


def validate(net, pixels, scenes, batch=100):
    net.eval()
    right = hits = objects = 0
    for start in range(0, len(scenes), batch):
        chunk = torch.from_numpy(pixels[start : start + batch].astype(np.float32))
        logits, cams = grad_cams(net, chunk)
        for i, scene in enumerate(scenes[start : start + batch]):
            right += int(logits[i].argmax()) in [one["index"] for one in scene]
            for one in scene:
                point = peak_point(cams[i, one["index"]], pixels.shape[1])
                hits += int(point_in_box(*point, one["box"]))
                objects += 1
    net.train()
    return {"top1InScene": right / len(scenes), "pointing": hits / objects, "objects": objects}


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    pixels, scenes, _ = load_scenes(options.scenes, "train")
    labels = torch.from_numpy(label_matrix(scenes, CLASSES))
    val_pixels, val_scenes, _ = load_scenes(options.scenes, "val")
    net = NETS[options.net]().to(memory_format=torch.channels_last)
    parameters = sum(p.numel() for p in net.parameters())
    print(f"{options.net}: {parameters} parameters", flush=True)

    steps = int(options.epochs * len(scenes) / options.batch)
    matrices = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": options.decay},
            {"params": vectors, "weight_decay": 0.0},
        ],
        lr=options.rate,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, options.rate, total_steps=steps + 1, pct_start=0.15
    )
    order = torch.empty(0, dtype=torch.long)
    started = time.monotonic()
    mean_loss = 0.0
    for step in range(steps):
        if len(order) < options.batch:
            order = torch.randperm(len(scenes), generator=generator)
        chosen, order = order[: options.batch].sort().values, order[options.batch :]
        x = augment(torch.from_numpy(pixels[chosen.numpy()]).float(), generator)
        features = net.features(x)
        loss = loss_of(net.head(features), labels[chosen], options.share)
        total = loss + options.alike * net.penalty()
        helpers = net.helpers(features)
        if helpers is not None:
            total = total + loss_of(helpers, labels[chosen], 0)
        optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        mean_loss += (loss.item() - mean_loss) / min(step + 1, 100)
        if step % 100 == 99:
            seconds = time.monotonic() - started
            print(f"{step + 1}/{steps} loss {mean_loss:.4f} {seconds:.0f} s", flush=True)
        if step % 500 == 399:
            print(validate(net, val_pixels[:200], val_scenes[:200]), flush=True)

    seconds = time.monotonic() - started
    score = validate(net, val_pixels, val_scenes)
    print(score, flush=True)
    folder = Path(options.weights)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().numpy().astype(np.float32) for k, v in net.tensors().items()}
    np.savez(folder / f"{options.net}.npz", global_step=np.int64(steps), **tensors)
    report = {
        "net": options.net,
        "parameters": parameters,
        "scenes": len(scenes),
        "steps": steps,
        "seconds": round(seconds),
        "options": {k: v for k, v in vars(options).items() if k not in ("scenes", "weights")},
        "loss": mean_loss,
        "validation": score,
    }
    (folder / f"{options.net}.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
