"""Small nets of tokens as timm and transformers build them: sizes alone are ours."""

import torch
import transformers
from timm.models.swin_transformer import SwinTransformer
from timm.models.vision_transformer import VisionTransformer
from torch import nn

CLASSES = 7
SIZE = (32, 48)


class Logits(nn.Module):
    """A model of transformers returns an object; its exporters take what a wrapper picks."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x).logits


def vit(**options):
    sizes = dict(img_size=SIZE, patch_size=8, embed_dim=16, depth=2, num_heads=2, mlp_ratio=2, num_classes=CLASSES)
    return VisionTransformer(**sizes, **options)


def deit():
    sizes = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    config = transformers.DeiTConfig(**sizes, image_size=SIZE, patch_size=8, num_labels=CLASSES)
    return Logits(transformers.DeiTForImageClassificationWithTeacher(config))


def swin():
    sizes = dict(img_size=SIZE, patch_size=4, embed_dim=8, depths=(2,), num_heads=(2,), window_size=4)
    return SwinTransformer(**sizes, mlp_ratio=2, num_classes=CLASSES)


def swin_of_tokens():
    sizes = dict(image_size=SIZE, patch_size=4, embed_dim=8, depths=[2], num_heads=[2], window_size=4)
    config = transformers.SwinConfig(**sizes, mlp_ratio=2.0, num_labels=CLASSES)
    return Logits(transformers.SwinForImageClassification(config))


# Name: how it is made, its grid at the layers, tokens in front of the cells, and layers: that of `auto` first.
NETS = {
    "vit": (vit, (4, 6), 1, ["blocks.1.norm1", "blocks.0"]),
    "deit": (deit, (4, 6), 2, ["model.deit.layers.1.layernorm_before", "model.deit.layers.0.mlp.fc2"]),
    "registers": (
        lambda: vit(reg_tokens=3, init_values=0.5),
        (4, 6), 4, ["blocks.1.norm1", "blocks.0.mlp.act"],
    ),
    "mean-pooled": (
        lambda: vit(global_pool="avg", class_token=False),
        (4, 6), 0, ["blocks.1", "blocks.1.norm1"],
    ),
    "swin": (swin, (8, 12), 0, ["norm", "layers.0.blocks.1.norm1"]),
    "swin-tokens": (swin_of_tokens, (8, 12), 0, ["model.swin.layernorm", "model.swin.encoder.layers.0.blocks.1"]),
}  # fmt: skip
