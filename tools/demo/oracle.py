# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "tensorflow-cpu==2.21.0"]
# ///
"""Writes demo/expected.json: logits and raw Grad-CAM maps of the sample scenes that need no
resizing, computed by TensorFlow in float64 from the exported float32 weights.

    python tools/demo/oracle.py
"""

import json

import numpy as np
import tensorflow as tf

from tf_nets import ARCHITECTURE, DEMO, NETS, grad_cams


def rounded(values):
    return [float(f"{value:.9g}") for value in np.ravel(values)]


def read_png(path):
    return tf.io.decode_png(path.read_bytes(), channels=3).numpy()


def main():
    side = ARCHITECTURE["input"]["height"]
    scenes = json.loads((DEMO / "scenes" / "scenes.json").read_text())
    scenes = [scene for scene in scenes if (scene["width"], scene["height"]) == (side, side)]
    nets = {}
    for name, make in NETS.items():
        net = make(np.float64)
        results = []
        for scene in scenes:
            logits, cams = grad_cams(net, read_png(DEMO / "scenes" / scene["file"])[None], np.float64)
            _, _, height, width = cams.shape
            maps = [
                {
                    "class": one["class"],
                    "index": one["index"],
                    "grid": [height, width],
                    "raw": rounded(cams[0, one["index"]]),
                }
                for one in scene["objects"]
            ]
            results.append({"file": scene["file"], "logits": rounded(logits), "gradCam": maps})
        nets[name] = {"endpoint": net.spec["defaultEndpoint"], "scenes": results}
    (DEMO / "expected.json").write_text(json.dumps(nets, indent=1) + "\n")


if __name__ == "__main__":
    main()
