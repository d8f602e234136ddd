# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "tensorflow-cpu==2.21.0"]
# ///
"""Scores the exported nets on held-out scenes and writes demo/evaluation.json.

    node tools/demo/render.mjs <scenes> --train 0 --val 0
    python tools/demo/evaluate.py <scenes>

Pointing game: for every object of every scene (also of scenes the net gets wrong), the centre of
the largest cell of its class's Grad-CAM map must lie in the object's box.
"""

import json
import sys

import numpy as np

from intervals import share_of_hits, wilson
from scene_data import load_scenes, peak_point, point_in_box
from tf_nets import DEMO, NETS, grad_cams

BATCH = 50


def evaluate(net, pixels, scenes, labels, rng):
    side = pixels.shape[1]
    right = 0
    hits = {"gradCam": [], "imageCentre": [], "randomCell": []}
    by_class = {label: [0, 0] for label in labels}
    for start in range(0, len(scenes), BATCH):
        logits, cams = grad_cams(net, pixels[start : start + BATCH], np.float32)
        for i, objects in enumerate(scenes[start : start + BATCH]):
            right += int(logits[i].argmax()) in [one["index"] for one in objects]
            scene_hits = dict.fromkeys(hits, 0)
            for one in objects:
                cam = cams[i, one["index"]]
                points = {
                    "gradCam": peak_point(cam, side),
                    "imageCentre": (side / 2, side / 2),
                    "randomCell": peak_point(rng.random(cam.shape), side),
                }
                inside = {k: int(point_in_box(*p, one["box"])) for k, p in points.items()}
                for kind, hit in inside.items():
                    scene_hits[kind] += hit
                by_class[one["class"]][0] += inside["gradCam"]
                by_class[one["class"]][1] += 1
            for kind in hits:
                hits[kind].append(scene_hits[kind])
    counts = np.array([len(objects) for objects in scenes])
    return {
        "endpoint": net.spec["defaultEndpoint"],
        "scenes": len(scenes),
        "objects": int(counts.sum()),
        "top1InScene": {
            "value": round(right / len(scenes), 4),
            "interval95": wilson(right, len(scenes)),
        },
        "pointing": {
            kind: share_of_hits(np.array(found), counts, rng) for kind, found in hits.items()
        },
        "pointingByClass": {label: round(h / n, 4) for label, (h, n) in by_class.items()},
    }


def main(folder):
    pixels, scenes, labels = load_scenes(folder, "test")
    results = {}
    for name, make in NETS.items():
        rng = np.random.default_rng(1)
        results[name] = evaluate(make(np.float32), pixels, scenes, labels, rng)
        print(name, json.dumps(results[name], indent=1))
    (DEMO / "evaluation.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
