"""The reports of train_words.py while it trains, on scenes that it does not train on."""

import numpy as np
import torch

from scene_data import peak_point, point_in_box
from words_check import judge_caption, read_caption
from words_language import ANSWERS, LABELS, caption_text, question_tokens
from words_maps import cam, say_captions, word_maps
from words_truth import KINDS, Questions


def hits_box(found, boxes, side):
    return any(point_in_box(*peak_point(found, side), box) for box in boxes)


def means(found):
    return {key: round(float(np.mean(values)), 3) for key, values in found.items() if values}


def validate_answers(answers, features, scenes, side, most=4):
    """Shares of right answers by kind, and of answers' maps whose peak lies in a box of the object named."""
    asked = Questions(scenes).each(most, np.random.default_rng(1))
    rows = torch.tensor([one["scene"] for one in asked])
    tokens = torch.from_numpy(np.stack([question_tokens(one["text"]) for one in asked]))
    right = {kind: [] for kind in KINDS}
    hits = {}
    for start in range(0, len(asked), 200):
        part = slice(start, start + 200)
        taken = features[rows[part]].requires_grad_()
        logits, last, _ = answers(taken, tokens[part], with_layers=True)
        best = logits.argmax(1)
        chosen = logits.gather(1, best[:, None]).sum()
        maps = {"last": cam(chosen, last), "features": cam(chosen, taken)}
        for i, one in enumerate(asked[part]):
            is_right = ANSWERS[best[i]] == one["answer"]
            right[one["kind"]].append(is_right)
            if is_right and one["objects"]:
                boxes = [scenes[one["scene"]][k]["box"] for k in one["objects"]]
                group = one["kind"] if one["answer"] not in LABELS else "object"
                for name, found in maps.items():
                    hits.setdefault(f"{group} at {name}", []).append(hits_box(found[i], boxes, side))
    return {"right": means(right), "pointing": means(hits)}


def validate_captions(captions, features, scenes, side, most=150):
    """How much of greedy captions is true, and how many nouns' maps peak in a box of their object."""
    judged, hits = [], {}
    for s, tokens in enumerate(say_captions(captions, features[:most])):
        text = caption_text(tokens)
        judged.append(judge_caption(text, scenes[s]))
        named = {one["class"] for one in scenes[s]}
        nouns = [noun for noun in read_caption(text)["nouns"] if noun["label"] in named]
        if nouns:
            found_maps = word_maps(captions, features[s : s + 1], tokens, [noun["place"] + 1 for noun in nouns])
            for name, maps in found_maps.items():
                for noun, found in zip(nouns, maps, strict=True):
                    boxes = [one["box"] for one in scenes[s] if one["class"] == noun["label"]]
                    hits.setdefault(name, []).append(hits_box(found, boxes, side))
    total = {key: sum(one[key] for one in judged) for key in judged[0]}
    share = lambda part, whole: round(total[part] / max(1, total[whole]), 3)
    return {
        "formed": round(total["formed"] / len(judged), 3),
        "relations": total["relations"],
        "present": share("present", "nouns"),
        "counted": share("counted", "nouns"),
        "coloured": share("coloured", "colours"),
        "related": share("related", "relations"),
        "pointing": means(hits),
    }
