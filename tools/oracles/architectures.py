"""The published nets as data: what a forward pass and a list of variables both follow.

An architecture is a plain dict, written as it is into the fixtures, so that a reader in another
language can build the same small net without knowing this file.
"""

RESNET_UNITS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
RESNET_DEPTHS = (64, 128, 256, 512)
VGG_REPEATS = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
VGG_CHANNELS = (64, 128, 256, 512, 512)
# TF-slim's own constants (vgg_preprocessing); the Caffe nets behind the .npy files use 103.939 and
# 116.779, which differ by less than a thousandth of a grey level.
SLIM_MEAN = (123.68, 116.78, 103.94)
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)


def resnet(version, layers, *, units=None, depths=RESNET_DEPTHS, root=64, classes=None):
    """ResNet of TF-slim: blocks 1-3 halve the grid in their LAST unit, block 4 keeps it."""
    counts = units or RESNET_UNITS[layers]
    blocks = [
        {
            "name": f"block{i + 1}",
            "baseDepth": depth,
            "units": count,
            "stride": 2 if i < len(counts) - 1 else 1,
        }
        for i, (count, depth) in enumerate(zip(counts, depths))
    ]
    inception = version == 2  # the released v2 nets were trained with Inception's preprocessing
    return {
        "family": f"resnet_v{version}",
        "scope": f"resnet_v{version}_{layers}",
        "rootChannels": root,
        "blocks": blocks,
        "classes": classes or (1001 if inception else 1000),
        "batchNormEpsilon": 1e-5,
        "input": _inception_input(299) if inception else _rgb_input(224),
    }


def vgg(layers, *, form, divisor=1, hidden=4096, classes=1000):
    """VGG; form "slim": RGB, fc layers as convolutions; form "npy": BGR, fc layers as matrices."""
    stages = [
        {"name": f"conv{i + 1}", "channels": channels // divisor, "repeats": repeats}
        for i, (channels, repeats) in enumerate(zip(VGG_CHANNELS, VGG_REPEATS[layers]))
    ]
    return {
        "family": "vgg",
        "scope": f"vgg_{layers}",
        "form": form,
        "stages": stages,
        "hidden": hidden,
        "classes": classes,
        "input": _rgb_input(224) if form == "slim" else _bgr_input(224),
    }


def mobilenet_v1(multiplier=1.0, *, classes=1001):
    """MobileNet v1: 13 separable blocks; channels are scaled and never fall under 8."""
    scale = lambda channels: max(int(channels * multiplier), 8)
    table = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    table += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    return {
        "family": "mobilenet_v1",
        "scope": "MobilenetV1",
        "multiplier": multiplier,
        "rootChannels": scale(32),
        "blocks": [{"channels": scale(channels), "stride": stride} for channels, stride in table],
        "classes": classes,
        "batchNormEpsilon": 1e-3,
        "input": _inception_input(224),
    }


def at_size(architecture, height, width):
    """The same net over another input size."""
    sized = {**architecture["input"], "height": height, "width": width}
    return {**architecture, "input": sized}


def _rgb_input(size):
    return _input(size, "rgb", 1, SLIM_MEAN)


def _bgr_input(size):
    return _input(size, "bgr", 1, CAFFE_MEAN_BGR)


def _inception_input(size):
    return _input(size, "rgb", 2 / 255, (1, 1, 1))


def _input(size, order, scale, mean):
    # The fields of the artifact block: x = (pixel * scale - mean) / std, mean and std in this order.
    return {
        "height": size,
        "width": size,
        "channelOrder": order,
        "scale": scale,
        "mean": list(mean),
        "std": [1, 1, 1],
    }
