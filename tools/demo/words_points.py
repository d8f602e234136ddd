"""The pointing game for words: whether the peak of a map lies in a box of what a word names. NumPy only."""

import json
from pathlib import Path

from intervals import share_over_scenes
from scene_data import peak_point, point_in_box

DEMO = Path(__file__).parents[2] / "demo"
FILE = DEMO / "words" / "evaluation.json"


class Pointing:
    """Counts hits of maps by group, beside those of the picture's centre and of a random cell."""

    def __init__(self, side, rng):
        self.side, self.rng = side, rng
        self.found = {}

    def add(self, group, scene, boxes, maps):
        """maps: by the layer's name, [h, w] each."""
        points = {name: peak_point(one, self.side) for name, one in maps.items()}
        points["imageCentre"] = (self.side / 2, self.side / 2)
        points["randomCell"] = peak_point(self.rng.random(next(iter(maps.values())).shape), self.side)
        for name, point in points.items():
            hit = any(point_in_box(*point, box) for box in boxes)
            self.found.setdefault(group, {}).setdefault(name, []).append((scene, hit))

    def shares(self):
        return {
            group: {name: share_over_scenes(found, self.rng) for name, found in by_name.items()}
            for group, by_name in self.found.items()
        }


def keep(path, name, value, indent):
    """Puts a net's part into a file that the scripts of both nets write."""
    known = json.loads(path.read_text()) if path.exists() else {}
    ordered = dict(sorted({**known, name: value}.items(), reverse=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(ordered, indent=indent) + "\n")
