"""Which convolutions the op fixtures hold: the paddings, strides and sizes on which engines differ."""

from itertools import product

from op_case import Case

ODD, EVEN = [1, 7, 9, 2], [1, 8, 6, 2]
SIZES = {"odd": ODD, "even": EVEN}
PADDINGS = ("same", "valid")


def conv2d():
    cases = []
    for kernel, stride, padding, size in product(
        ([1, 1], [3, 3], [5, 4]), (1, 2, 3), PADDINGS, SIZES
    ):
        cases.append(
            _conv(
                f"{kernel[0]}x{kernel[1]}-s{stride}-{padding}-{size}",
                SIZES[size],
                kernel_size=kernel,
                strides=[stride, stride],
                padding=padding,
            )
        )
    for padding, size in product(PADDINGS, SIZES):
        cases.append(
            _conv(
                f"dilation2-{padding}-{size}",
                SIZES[size],
                kernel_size=[3, 3],
                padding=padding,
                dilation_rate=[2, 2],
            )
        )
    cases += [
        _conv("strides-1x2", ODD, kernel_size=[3, 3], strides=[1, 2], padding="same"),
        _conv("strides-2x1", EVEN, kernel_size=[2, 3], strides=[2, 1], padding="valid"),
        _conv("dilation-1x3", ODD, kernel_size=[2, 3], padding="same", dilation_rate=[1, 3]),
        _conv("groups2", [1, 5, 5, 4], filters=6, kernel_size=[3, 3], padding="same", groups=2),
        _conv(
            "groups2-s2",
            [1, 6, 5, 4],
            filters=2,
            kernel_size=[3, 3],
            strides=[2, 2],
            padding="same",
            groups=2,
        ),
        _conv("no-bias", EVEN, kernel_size=[3, 3], padding="same", use_bias=False),
        _conv("fused-relu", EVEN, kernel_size=[3, 3], padding="same", activation="relu"),
        _conv("batch-of-2", [2, 5, 4, 3], kernel_size=[3, 3], strides=[2, 2], padding="same"),
        _conv("kernel-larger-than-input", [1, 2, 3, 2], kernel_size=[5, 5], padding="same"),
    ]
    return cases


def _conv(name, shape, filters=2, **attributes):
    # Keras wants the stride whole where it dilates: only what differs from the default is given.
    return Case(name, "Conv2D", {"filters": filters, **attributes}, [shape])


def depthwise_conv2d():
    cases = []
    for multiplier, stride, padding, size in product((1, 2), (1, 2), PADDINGS, SIZES):
        attributes = {
            "kernel_size": [3, 3],
            "strides": [stride, stride],
            "padding": padding,
            "depth_multiplier": multiplier,
        }
        name = f"m{multiplier}-s{stride}-{padding}-{size}"
        cases.append(Case(name, "DepthwiseConv2D", attributes, [SIZES[size]]))
    for padding in PADDINGS:
        attributes = {"kernel_size": [3, 3], "padding": padding, "dilation_rate": [2, 2]}
        cases.append(Case(f"dilation2-{padding}", "DepthwiseConv2D", attributes, [ODD]))
    for kernel in ([5, 5], [2, 3]):
        attributes = {
            "kernel_size": kernel,
            "strides": [2, 2],
            "padding": "same",
            "use_bias": False,
        }
        cases.append(
            Case(f"{kernel[0]}x{kernel[1]}-s2-no-bias", "DepthwiseConv2D", attributes, [EVEN])
        )
    return cases


def separable_conv2d():
    cases = []
    for multiplier, stride, padding in ((1, 1, "same"), (2, 2, "same"), (1, 2, "valid")):
        attributes = {
            "filters": 3,
            "kernel_size": [3, 3],
            "strides": [stride, stride],
            "padding": padding,
            "depth_multiplier": multiplier,
        }
        name = f"m{multiplier}-s{stride}-{padding}"
        cases.append(Case(name, "SeparableConv2D", attributes, [ODD]))
    attributes = {"filters": 2, "kernel_size": [3, 3], "padding": "same", "dilation_rate": [2, 2]}
    return cases + [Case("dilation2", "SeparableConv2D", attributes, [EVEN])]


def conv2d_transpose():
    cases = []
    for kernel, stride, padding in product((2, 3, 4), (1, 2, 3), PADDINGS):
        attributes = {
            "filters": 3,
            "kernel_size": [kernel, kernel],
            "strides": [stride, stride],
            "padding": padding,
        }
        name = f"{kernel}x{kernel}-s{stride}-{padding}"
        cases.append(Case(name, "Conv2DTranspose", attributes, [[1, 4, 3, 2]]))
    for padding in PADDINGS:
        attributes = {
            "filters": 2,
            "kernel_size": [3, 3],
            "strides": [2, 2],
            "padding": padding,
            "output_padding": [1, 1],
        }
        cases.append(
            Case(f"output-padding-{padding}", "Conv2DTranspose", attributes, [[1, 3, 4, 2]])
        )
    return cases


def dense():
    return [
        Case("matrix", "Dense", {"units": 5}, [[1, 7]]),
        Case("batch-of-3", "Dense", {"units": 4}, [[3, 6]]),
        Case("no-bias", "Dense", {"units": 3, "use_bias": False}, [[1, 4]]),
        Case("on-a-grid", "Dense", {"units": 3}, [[1, 3, 2, 4]]),
        Case("fused-sigmoid", "Dense", {"units": 2, "activation": "sigmoid"}, [[1, 4]]),
        Case("fused-softmax", "Dense", {"units": 6, "activation": "softmax"}, [[1, 4]]),
    ]
