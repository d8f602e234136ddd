"""The zoo's nets: image classifiers of torchvision, timm and Hugging Face transformers, without their weights.

Sizes of the picture are as small as an architecture allows, which saves time and leaves the graph as it is.
"""

import torch
from torch import nn

# First, since timm imports torchvision too.
from torchvision_models import models

CLASSES = 100

# Names of torchvision's functions, and the picture's height and width.
TORCHVISION = {
    "alexnet": 224,
    "convnext_tiny": 64,
    "densenet121": 64,
    "efficientnet_b0": 64,
    "efficientnet_v2_s": 64,
    "googlenet": 64,
    "inception_v3": 96,
    "maxvit_t": 224,
    "mnasnet0_5": 64,
    "mobilenet_v2": 64,
    "mobilenet_v3_large": 64,
    "mobilenet_v3_small": 64,
    "regnet_x_400mf": 64,
    "regnet_y_400mf": 64,
    "resnet18": 64,
    "resnet50": 64,
    "resnext50_32x4d": 64,
    "shufflenet_v2_x0_5": 64,
    "squeezenet1_1": 64,
    "swin_t": 224,
    "swin_v2_t": 128,
    "vgg11_bn": 224,
    "vit": 64,
}

# Names of timm's models; nets with tables of positions are made for the size that is stated.
TIMM = {
    "cait_xxs24_224": (96, {"img_size": 96}),
    "coatnet_nano_rw_224": (64, {"img_size": 64}),
    "convmixer_768_32": (64, {}),
    "convnextv2_atto": (64, {}),
    "crossvit_9_240": (240, {}),
    "cspresnet50": (64, {}),
    "davit_tiny": (64, {}),
    "deit_tiny_distilled_patch16_224": (96, {"img_size": 96}),
    "dla34": (64, {}),
    "dpn68": (64, {}),
    "eca_nfnet_l0": (64, {}),
    "edgenext_xx_small": (64, {}),
    "efficientformer_l1": (224, {}),
    "efficientvit_b0": (64, {}),
    "ese_vovnet19b_dw": (64, {}),
    "eva02_tiny_patch14_224": (70, {"img_size": 70}),
    "fastvit_t8": (64, {}),
    "focalnet_tiny_srf": (64, {}),
    "gernet_s": (64, {}),
    "ghostnet_100": (64, {}),
    "gmlp_s16_224": (96, {"img_size": 96}),
    "hiera_tiny_224": (224, {}),
    "hrnet_w18_small": (64, {}),
    "inception_next_atto": (64, {}),
    "lcnet_050": (64, {}),
    "levit_128s": (224, {}),
    "mambaout_femto": (64, {}),
    "maxvit_rmlp_pico_rw_256": (64, {"img_size": 64}),
    "mixer_s32_224": (96, {"img_size": 96}),
    "mobilenetv4_conv_small": (64, {}),
    "mobileone_s0": (64, {}),
    "mobilevit_xxs": (64, {}),
    "mobilevitv2_050": (64, {}),
    "nest_tiny": (224, {}),
    "nfnet_l0": (64, {}),
    "pit_ti_distilled_224": (224, {}),
    "poolformer_s12": (64, {}),
    "pvt_v2_b0": (64, {}),
    "repvgg_a0": (64, {}),
    "repvit_m1": (64, {}),
    "res2net50_14w_8s": (64, {}),
    "resnest14d": (64, {}),
    "resnetv2_50x1_bit": (64, {}),
    "rexnet_100": (64, {}),
    "selecsls42b": (64, {}),
    "seresnet50": (64, {}),
    "skresnet18": (64, {}),
    "starnet_s1": (64, {}),
    "swin_tiny_patch4_window7_224": (224, {}),
    "tf_efficientnet_lite0": (64, {}),
    "tiny_vit_5m_224": (224, {}),
    "twins_pcpvt_small": (64, {}),
    "vit_tiny_patch16_224": (96, {"img_size": 96}),
    "xception41": (96, {}),
    "xcit_nano_12_p16_224": (96, {"img_size": 96}),
}

TINY = {"hidden_size": 192, "num_attention_heads": 3, "intermediate_size": 768, "num_hidden_layers": 6}

# transformers' classes without `ForImageClassification`, with arguments of the configuration.
TRANSFORMERS = {
    "beit": ("Beit", 96, {**TINY, "image_size": 96, "use_relative_position_bias": True}),
    "bit": ("Bit", 64, {"embedding_size": 16, "hidden_sizes": [64, 128, 256, 512], "depths": [1, 1, 2, 1]}),
    "convnext": ("ConvNext", 64, {"depths": [2, 2, 4, 2], "hidden_sizes": [48, 96, 192, 384]}),
    "convnextv2": ("ConvNextV2", 64, {"depths": [2, 2, 4, 2], "hidden_sizes": [40, 80, 160, 320]}),
    "cvt": ("Cvt", 64, {"depth": [1, 2, 4]}),
    "deit": ("DeiT", 96, {**TINY, "image_size": 96}),
    "dinov2": ("Dinov2", 98, {**TINY, "image_size": 98, "patch_size": 14}),
    "dinov2_with_registers": ("Dinov2WithRegisters", 98, {**TINY, "image_size": 98, "patch_size": 14}),
    "efficientnet": ("EfficientNet", 64, {"width_coefficient": 1.0, "depth_coefficient": 1.0, "hidden_dim": 1280}),
    "focalnet": ("FocalNet", 64, {"image_size": 64, "embed_dim": 48}),
    "levit": ("Levit", 224, {"hidden_sizes": [128, 256, 384], "num_attention_heads": [4, 6, 8], "depths": [2, 3, 4]}),
    "mobilenet_v1": ("MobileNetV1", 64, {}),
    "mobilenet_v2": ("MobileNetV2", 64, {}),
    "mobilevit": ("MobileViT", 64, {"image_size": 64, "hidden_sizes": [64, 80, 96]}),
    "poolformer": ("PoolFormer", 64, {}),
    "pvt": ("Pvt", 64, {"image_size": 64}),
    "regnet": ("RegNet", 64, {"hidden_sizes": [32, 64, 160, 384], "depths": [1, 2, 4, 2], "groups_width": 16}),
    "resnet": ("ResNet", 64, {"hidden_sizes": [64, 128, 256, 512], "depths": [2, 2, 3, 2]}),
    "segformer": ("Segformer", 64, {}),
    "siglip": ("Siglip", 96, {"vision_config": {**TINY, "image_size": 96}}),
    "swin": ("Swin", 224, {"embed_dim": 48, "depths": [2, 2, 2, 2]}),
    "swinv2": ("Swinv2", 128, {"image_size": 128, "embed_dim": 48, "depths": [2, 2, 2, 2], "window_size": 8}),
    "vit": ("ViT", 96, {**TINY, "image_size": 96}),
    "vit_msn": ("ViTMSN", 96, {**TINY, "image_size": 96}),
}

NETS = (
    [f"torchvision.{name}" for name in TORCHVISION]
    + [f"timm.{name}" for name in TIMM]
    + [f"transformers.{name}" for name in TRANSFORMERS]
)


class Logits(nn.Module):
    """A net of transformers, which returns a record, as one that returns its scores."""

    def __init__(self, net):
        super().__init__()
        self.model = net

    def forward(self, pixel_values):
        return self.model(pixel_values).logits


def build(name):
    """A net by its name in NETS, as its library initialises it, and the size of its picture."""
    library, _, own = name.partition(".")
    make = {"torchvision": build_torchvision, "timm": build_timm, "transformers": build_transformers}[library]
    net, size = make(own)
    return net.eval(), size


def build_torchvision(name):
    torch.backends.mha.set_fastpath_enabled(False)
    size = TORCHVISION[name]
    if name == "vit":
        # vit_b_16 with less in it: 344 MB of weights would say nothing more.
        return models.VisionTransformer(size, 16, 4, 4, 256, 1024, num_classes=CLASSES), size
    options = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
    net = getattr(models, name)(weights=None, num_classes=CLASSES, **options)
    if name in ("alexnet", "vgg11_bn"):
        # The first dense layer alone has 150 and 400 MB.
        cells, channels = (36, 256) if name == "alexnet" else (49, 512)
        net.classifier = nn.Sequential(
            nn.Linear(cells * channels, 256), nn.ReLU(), nn.Dropout(), nn.Linear(256, CLASSES)
        )
    return net, size


def build_timm(name):
    import timm

    size, options = TIMM[name]
    return timm.create_model(name, pretrained=False, num_classes=CLASSES, **options), size


def build_transformers(name):
    import transformers

    family, size, options = TRANSFORMERS[name]
    config = getattr(transformers, f"{family}Config")(**options, num_labels=CLASSES)
    return Logits(getattr(transformers, f"{family}ForImageClassification")(config)), size
