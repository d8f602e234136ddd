# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.13.0", "onnx==1.23.1"]
# ///
"""Trains the net for questions or the one for captions: the demo ResNet, whose last block is trained on, and a head.

    node tools/demo/render.mjs <scenes> --words --train 16000 --val 400 --test 2000
    python tools/demo/train_words.py vqa <scenes> <weights>         (and caption)

writes <weights>/<net>.npz and <net>.json. Training is told answers and sentences; boxes serve to make these, and the
validation report. What the first blocks make of the scenes, which training does not change, is kept in
<weights>/early.npy.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from scene_data import load_scenes
from words_decoder import Captions
from words_language import CAPTION_WORDS, LABELS, PLURALS, QUESTION_WORDS, SIDES, caption_tokens, mirrored_tokens
from words_nets import CHANNELS, GRID, MEAN, Answers, Encoder, begin_with_classes, load, save
from words_truth import Questions, caption_of
from words_validate import validate_answers, validate_captions

# Steps in which the rate rises, and how much of the mean of the weights each step keeps.
WARM, KEPT = 50, 0.995
HEADS = {"vqa": ("answers", Answers), "caption": ("captions", Captions)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("net", choices=HEADS)
    parser.add_argument("scenes")
    parser.add_argument("weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=12)
    parser.add_argument("--batch", type=int, default=32, help="scenes in a step")
    parser.add_argument("--texts", type=int, default=6, help="questions in the mean, or captions, for each scene")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--encoder-rate", type=float, default=3e-4)
    parser.add_argument("--seconds", type=float, help="the most that it may take; default: until the epochs are over")
    parser.add_argument("--every", type=int, default=250, help="steps between two reports")
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--whole", action="store_true", help="train all blocks of the encoder, at their rate")
    parser.add_argument("--start", help="a .npz to go on from, of this net or of the other")
    return parser.parse_args()


def pictures(pixels, mirrored=None, rng=None, reach=6):
    """[n, 3, h, w] minus the mean; with `rng` also shifted by up to `reach` and of a little more or less contrast."""
    x = torch.from_numpy(pixels.astype(np.float32)).permute(0, 3, 1, 2)
    if mirrored is not None:
        x = torch.where(torch.from_numpy(mirrored)[:, None, None, None], x.flip(3), x)
    if rng is not None:
        side = x.shape[2]
        top, left = rng.integers(0, 2 * reach + 1, 2)
        x = F.pad(x, (reach,) * 4, mode="replicate")[:, :, top : top + side, left : left + side]
        gain, lift = (torch.from_numpy(rng.uniform(-1, 1, (len(x), 1, 1, 1)).astype(np.float32)) for _ in range(2))
        x = (x * (1 + 0.08 * gain) + 10 * lift).clamp(0, 255)
    x = x - torch.tensor(MEAN)[:, None, None]
    return x.contiguous(memory_format=torch.channels_last)


def early_features(encoder, pixels, path, batch=100):
    """What the blocks that are not trained make of each picture and of its mirror image, kept in a file:
    [2, n, 128, 8, 8]."""
    if not path.exists():
        made = path.with_suffix(".part")
        shape = (2, len(pixels), CHANNELS // 2, GRID, GRID)
        parts = np.lib.format.open_memmap(made, "w+", np.float32, shape)
        for start in range(0, len(pixels), batch):
            rows = slice(start, start + batch)
            x = pictures(pixels[rows])
            with torch.no_grad():
                parts[0, rows] = encoder.early(x).numpy()
                parts[1, rows] = encoder.early(x.flip(3)).numpy()
        parts.flush()
        made.rename(path)
    return np.load(path, mmap_mode="r")


class QuestionExamples:
    """Questions about an epoch's scenes, drawn anew for each epoch, such that each answer is as frequent."""

    def __init__(self, scenes, texts, rng):
        self.questions, self.count, self.rng = Questions(scenes), texts * len(scenes), rng
        self.scenes = len(scenes)
        self.swap = torch.from_numpy(mirrored_tokens(QUESTION_WORDS))

    def next_epoch(self):
        self.asked = [[] for _ in range(self.scenes)]
        for scene, tokens, answer in self.questions.draw(self.count, self.rng):
            self.asked[scene].append((tokens, answer))

    def loss(self, head, features, chosen, mirrored):
        asked = [(row, *one) for row, scene in enumerate(chosen) for one in self.asked[scene]]
        rows, tokens, answers = (torch.from_numpy(np.array(part)) for part in zip(*asked, strict=True))
        tokens = torch.where(mirrored[rows, None], self.swap[tokens], tokens)
        logits = head(features, tokens, rows)
        return F.cross_entropy(logits, answers), (logits.argmax(1) == answers).float().mean()


# How much more a side and the object on that side count than other words: each is one word of twelve.
RELATED = 3
# How much it counts whether the objects of a sentence are seen anywhere, and no others.
PRESENT = 0.5
# The share of each word's probability that is to be spread over all words. A word that is all but certain has a gradient
# that is the difference to the last of its rivals, whichever these are.
SMOOTH = 0.1


class CaptionExamples:
    """True sentences about the scenes, others in each epoch.

    A sentence names every object, so it also says which are in the picture. Without that, cells in which no word looks
    may speak for anything.
    """

    def __init__(self, scenes, texts, rng):
        self.scenes, self.texts, self.rng = scenes, texts, rng
        self.swap = torch.from_numpy(mirrored_tokens(CAPTION_WORDS))
        self.sides = torch.tensor([word in SIDES for word in CAPTION_WORDS])
        self.nouns = torch.tensor([[word in pair for word in CAPTION_WORDS] for pair in zip(LABELS, PLURALS)])

    def next_epoch(self):
        pass

    def loss(self, head, features, chosen, mirrored):
        rows = np.repeat(np.arange(len(chosen)), self.texts)
        said = np.stack([caption_tokens(caption_of(self.scenes[chosen[row]], self.rng)) for row in rows])
        rows, tokens = torch.from_numpy(rows), torch.from_numpy(said)
        tokens = torch.where(mirrored[rows, None], self.swap[tokens], tokens)
        logits, words = head(features, tokens, rows)[:, :-1].transpose(1, 2), tokens[:, 1:]
        right = (logits.argmax(1) == words)[words > 0].float().mean()
        side, noun = self.sides[words], self.nouns.any(0)[words]
        # The noun that follows a side: the side is before it, and no other noun is between.
        after = side.cumsum(1) * noun
        related = side | ((after > 0) & (after.cumsum(1) == 1))
        weights = torch.where(related, RELATED, 1.0) * (words > 0)
        told = (F.cross_entropy(logits, words, reduction="none", label_smoothing=SMOOTH) * weights).sum() / weights.sum()
        present = self.nouns[:, tokens[:: self.texts]].any(2).T.float()
        seen = F.binary_cross_entropy_with_logits(head.presence(features)[:, : len(LABELS)], present)
        return told + PRESENT * seen, right


def main():
    options = parse()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    pixels, scenes, _ = load_scenes(options.scenes, "train")
    val_pixels, val_scenes, _ = load_scenes(options.scenes, "val")
    folder = Path(options.weights)
    folder.mkdir(parents=True, exist_ok=True)
    encoder = Encoder().load_onnx().to(memory_format=torch.channels_last)
    early = None if options.whole else early_features(encoder, pixels, folder / "early.npy")
    name, make = HEADS[options.net]
    nets = torch.nn.ModuleDict({"encoder": encoder, name: make()})
    head = nets[name]
    begin_with_classes(head.grid)
    if options.start:
        load(nets, options.start, partly=True)
    trained = [
        {"params": list((encoder if options.whole else encoder.layer3).parameters())},
        {"params": list(head.parameters())},
    ]
    parameters = sum(p.numel() for p in nets.parameters())
    print(f"{options.net}: {parameters} parameters", flush=True)
    kind = QuestionExamples if options.net == "vqa" else CaptionExamples
    examples = kind(scenes, options.texts, rng)
    validate = validate_answers if options.net == "vqa" else validate_captions
    steps = int(options.epochs * len(scenes) / options.batch)
    optimiser = torch.optim.AdamW(trained, lr=options.rate, weight_decay=options.decay)
    # Steps of one size, and the running mean of the weights: a training that is stopped and gone on with, or made
    # longer, differs in nothing else.
    for group, rate in zip(optimiser.param_groups, (options.encoder_rate, options.rate), strict=True):
        group["initial_lr"] = group["lr"] = rate
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1, (step + 1) / WARM))
    mean = torch.optim.swa_utils.AveragedModel(nets, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(KEPT))

    def judge(count):
        mean.module.eval()
        with torch.no_grad():
            parts = [mean.module["encoder"](pictures(part)) for part in np.array_split(val_pixels[:count], 8)]
        return validate(mean.module[name], torch.cat(parts), val_scenes[:count], pixels.shape[1])

    order = np.empty(0, int)
    started, means = time.monotonic(), np.zeros(2)
    for step in range(steps):
        if len(order) < options.batch:
            order = rng.permutation(len(scenes))
            examples.next_epoch()
        chosen, order = np.sort(order[: options.batch]), order[options.batch :]
        mirrored = rng.random(len(chosen)) < 0.5
        if early is None:
            features = encoder(pictures(pixels[chosen], mirrored, rng))
        else:
            features = encoder.layer3(torch.from_numpy(early[mirrored.astype(int), chosen]))
        loss, right = examples.loss(head, features, chosen, torch.from_numpy(mirrored))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(nets.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        if step >= WARM:
            mean.update_parameters(nets)
        means += (np.array([loss.item(), right.item()]) - means) / min(step + 1, 100)
        if step % 25 == 24:
            seconds, busy = time.monotonic() - started, time.process_time()
            print(f"{step + 1}/{steps} {means.round(4)} {seconds:.0f} s, {busy:.0f} s busy", flush=True)
        if step % options.every == options.every - 1:
            save(mean.module, folder / f"{options.net}.npz")
            print(step + 1, json.dumps(judge(150)), flush=True)
        if options.seconds and time.monotonic() - started > options.seconds:
            break
    save(mean.module, folder / f"{options.net}.npz")
    report = {
        "net": options.net,
        "parameters": parameters,
        "scenes": len(scenes),
        "steps": step + 1,
        "seconds": round(time.monotonic() - started),
        "processorSeconds": round(time.process_time()),
        "options": {k: v for k, v in vars(options).items() if k not in ("scenes", "weights", "start")},
        "loss": means.tolist(),
        "validation": judge(len(val_scenes)),
    }
    (folder / f"{options.net}.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
