# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "torchvision==0.28.0"]
# ///
"""Prints what torchvision says of its published weights, for registry/torchvision-weights.ts of the converter."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "zoo"))
from torchvision_models import models

FAMILIES = ("resnet", "resnext", "wide_resnet", "vgg", "mobilenet_v2", "densenet", "squeezenet", "efficientnet_b", "convnext")

for name in models.list_models(module=models):
    if not name.startswith(FAMILIES) or name in ("efficientnet_b5", "efficientnet_b6", "efficientnet_b7"):
        continue
    for weights in models.get_model_weights(name):
        if weights.name.startswith("IMAGENET1K_V"):
            how = weights.transforms()
            version, size = weights.name[-2:].lower(), round(weights.meta["_file_size"])
            print(name, version, weights.url, size, how.resize_size[0], how.crop_size[0], how.interpolation.value)
