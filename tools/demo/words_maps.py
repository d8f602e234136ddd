"""What the two nets say of pictures, and Grad-CAM of it, in PyTorch."""

import torch

from words_language import CAPTION_WORDS, END, START


def cam(logits, layer):
    """Raw Grad-CAM of scalars, one for each row: the sum over channels of mean gradient times activation, [n, h, w]."""
    (gradient,) = torch.autograd.grad(logits.sum(), layer, retain_graph=True)
    return (gradient.mean((2, 3), keepdim=True) * layer).sum(1).detach().numpy()


@torch.no_grad()
def say_captions(captions, features):
    """The most likely word at each place, after the words before it: tokens [n, length]."""
    length = captions.steps.shape[0]
    tokens = torch.zeros(len(features), length, dtype=torch.long)
    tokens[:, 0] = CAPTION_WORDS.index(START)
    end = CAPTION_WORDS.index(END)
    ended = torch.zeros(len(features), dtype=torch.bool)
    for t in range(1, length):
        chosen = captions(features, tokens)[:, t - 1].argmax(1)
        tokens[:, t] = torch.where(ended, 0, chosen)
        ended |= chosen == end
        if bool(ended.all()):
            break
    return tokens.numpy()


def word_maps(captions, features, tokens, places):
    """Maps of the words at `places` of one caption, teacher-forced; a word's score is its log-probability.

    features [1, c, h, w]; what is said of place p is in row p - 1. Returns a list for each of three maps, [h, w] each:
    Grad-CAM at `seen`, HiResCAM there (gradient times activation in each cell), Grad-CAM at the encoder's features.
    """
    features = features.detach().requires_grad_()
    seen = captions.seen(captions.grid(features))
    logs = captions.continue_from(seen, torch.as_tensor(tokens)[None])[0].log_softmax(1)
    maps = {"gradCam": [], "hiresCam": [], "gradCamAtEncoder": []}
    for place in places:
        at_seen, at_features = torch.autograd.grad(
            logs[place - 1, int(tokens[place])], (seen, features), retain_graph=True
        )
        for name, found in {
            "gradCam": at_seen.mean((2, 3), keepdim=True) * seen,
            "hiresCam": at_seen * seen,
            "gradCamAtEncoder": at_features.mean((2, 3), keepdim=True) * features,
        }.items():
            maps[name].append(found.sum(1)[0].detach().numpy())
    return maps
