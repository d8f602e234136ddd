"""Functions of TensorFlow of a few nodes: title, shape of `x`, constants, the function, and options.

The function is frozen as it is and computed in float64. Where TensorFlow has no kernel for float64, or none for
channels before rows on a CPU, `same` computes the same in float64.
"""

import numpy as np
import tensorflow as tf

IMAGE = (1, 4, 2, 8)
FIRST = [0, 3, 1, 2]
LAST = [0, 2, 3, 1]


def drawn(*shape):
    return lambda random: random.uniform(-1, 1, shape).astype(np.float32)


def positive(*shape):
    return lambda random: random.uniform(0.5, 1.5, shape).astype(np.float32)


def flags(*shape):
    return lambda random: random.uniform(0, 1, shape) > 0.5


def list_cases():
    yield from normalisation_cases()
    yield from block_cases()
    yield from channels_first_cases()
    yield from padding_cases()
    yield from einsum_cases()
    yield from choice_cases()
    yield from part_cases()
    yield from integer_cases()


def normalisation_cases():
    vectors = {"scale": drawn(8), "offset": drawn(8), "mean": drawn(8), "variance": positive(8)}
    for version, epsilon in (("", 1e-4), ("V2", 1e-3), ("V3", 0.02)):
        op = getattr(tf.raw_ops, f"FusedBatchNorm{version}")
        for layout in ("NHWC", "NCHW"):
            yield (
                f"FusedBatchNorm{version} {layout}",
                IMAGE,
                vectors,
                lambda x, op=op, e=epsilon, layout=layout, **k: in_layout(
                    layout, x, lambda v: op(x=v, epsilon=e, data_format=layout, is_training=False, **k)[0]
                ),
                {"same": lambda x, e=epsilon, **k: tf.nn.batch_normalization(x, *[k[n] for n in ORDER], e)},
            )
    for radius, bias, alpha, beta in ((1, 1.0, 1.0, 0.5), (2, 2.0, 0.3, 0.75), (5, 0.5, 1e-2, 1.0)):
        yield (
            f"LRN of radius {radius}",
            IMAGE,
            {},
            lambda x, o=(radius, bias, alpha, beta): tf.nn.local_response_normalization(x, *o),
            {"same": lambda x, o=(radius, bias, alpha, beta): local_response(x, *o)},
        )


ORDER = ("mean", "variance", "offset", "scale")


def in_layout(layout, x, compute):
    """`compute` on an image with rows first, or with channels first between two transpositions."""
    if layout == "NHWC":
        return compute(x)
    return tf.transpose(compute(tf.transpose(x, FIRST)), LAST)


def local_response(x, radius, bias, alpha, beta):
    """Krizhevsky et al. 2012, section 3.3, with TensorFlow's radius on either side."""
    channels = x.shape[-1]
    squares = tf.pad(x * x, [[0, 0]] * 3 + [[radius, radius]])
    sums = sum(squares[..., i : i + channels] for i in range(2 * radius + 1))
    return x / (bias + alpha * sums) ** beta


def block_cases():
    for layout in ("NHWC", "NCHW"):
        for name, op in (("DepthToSpace", tf.nn.depth_to_space), ("SpaceToDepth", tf.nn.space_to_depth)):
            yield (
                f"{name} {layout}",
                IMAGE,
                {},
                lambda x, op=op, layout=layout: in_layout(layout, x, lambda v: op(v, 2, data_format=layout)),
                {"same": lambda x, op=op: op(x, 2)},
            )


def channels_first_cases():
    """What a net trained with channels first does: windows, pools, biases, and padding stated for each side."""
    sides = [[0, 0], [1, 0], [0, 2], [0, 0]]
    for padding in ("SAME", "VALID", "EXPLICIT"):
        states = sides if padding == "EXPLICIT" else padding
        turned = [sides[0], sides[3], sides[1], sides[2]] if padding == "EXPLICIT" else padding
        yield (
            f"Conv2D NCHW {padding}",
            (1, 7, 6, 4),
            {"kernel": drawn(3, 2, 4, 5), "bias": drawn(5)},
            lambda x, kernel, bias, p=turned: tf.transpose(
                tf.nn.bias_add(
                    tf.nn.conv2d(tf.transpose(x, FIRST), kernel, [1, 1, 2, 1], p, "NCHW"), bias, data_format="NCHW"
                ),
                LAST,
            ),
            {"same": lambda x, kernel, bias, p=states: tf.nn.conv2d(x, kernel, [1, 2, 1, 1], p) + bias},
        )
    for name, op in (("MaxPool", tf.nn.max_pool2d), ("AvgPool", tf.nn.avg_pool2d)):
        yield (
            f"{name} NCHW",
            (1, 7, 6, 4),
            {},
            lambda x, op=op: in_layout("NCHW", x, lambda v: op(v, [1, 1, 3, 2], [1, 1, 2, 1], "SAME", "NCHW")),
            {"same": lambda x, op=op: op(x, [1, 3, 2, 1], [1, 2, 1, 1], "SAME")},
        )
    yield (
        "DepthwiseConv2dNative NCHW",
        (1, 7, 6, 4),
        {"kernel": drawn(3, 3, 4, 2)},
        lambda x, kernel: in_layout(
            "NCHW", x, lambda v: tf.nn.depthwise_conv2d(v, kernel, [1, 1, 1, 1], "SAME", "NCHW")
        ),
        {"same": lambda x, kernel: tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "SAME")},
    )


def padding_cases():
    sides = {"rows and columns": [[0, 0], [1, 2], [1, 0], [0, 0]], "channels": [[0, 0], [0, 0], [1, 0], [2, 1]]}
    for what, paddings in sides.items():
        for value in (0.7, -3.0):
            yield (
                f"PadV2 of {what} with {value}",
                IMAGE,
                {},
                lambda x, p=paddings, v=value: tf.pad(x, p, constant_values=tf.constant(v, x.dtype)),
                {},
            )
        for mode in ("REFLECT", "SYMMETRIC"):
            yield f"MirrorPad {mode} of {what}", IMAGE, {}, lambda x, p=paddings, m=mode: tf.pad(x, p, m), {}
    yield (
        "PadV2 with the least number before a max pool",
        IMAGE,
        {},
        lambda x: tf.nn.max_pool2d(
            tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=x.dtype.min), 3, 2, "VALID"
        ),
        {},
    )


def einsum_cases():
    yield "Einsum with a matrix", IMAGE, {"k": drawn(8, 5)}, lambda x, k: tf.einsum("bijc,cd->bijd", x, k), {}
    yield "Einsum of heads", (1, 6, 8), {"k": drawn(8, 2, 3)}, lambda x, k: tf.einsum("abc,cde->abde", x, k), {}
    yield (
        "Einsum of two values",
        (1, 6, 2, 4),
        {"k": drawn(6, 2, 4)},
        lambda x, k: tf.einsum("btnh,bfnh->bnft", x * k, x + k),
        {},
    )
    yield "Einsum with an ellipsis", IMAGE, {"k": drawn(5, 8)}, lambda x, k: tf.einsum("...c,dc->...d", x, k), {}
    yield "Einsum that sums an axis", IMAGE, {"k": drawn(4)}, lambda x, k: tf.einsum("bhwc,h->bcw", x, k), {}


def choice_cases():
    yield "SelectV2 by a comparison", IMAGE, {"k": drawn(8)}, lambda x, k: tf.where(x > k + 1, x, x * k), {}
    yield "SelectV2 by constants", IMAGE, {"c": flags(2, 8), "k": drawn(8)}, lambda x, c, k: tf.where(c, x, k), {}
    yield (
        "SelectV2 beside zeros",
        IMAGE,
        {},
        lambda x: tf.where(tf.logical_and(x >= 0.6, tf.logical_not(x > 1.5)), x, tf.zeros_like(x)),
        {},
    )
    yield (
        "SelectV2 by either of two",
        IMAGE,
        {"k": drawn(8)},
        lambda x, k: tf.where(tf.logical_or(x < 0.5, x <= k), k, x * x),
        {},
    )
    yield (
        "Select by equality",
        IMAGE,
        {},
        lambda x: tf.compat.v1.where(tf.equal(tf.maximum(x, 1.0), 1.0), x, 3 * x),
        {},
    )
    yield (
        "Select of whole items",
        IMAGE,
        {},
        lambda x: tf.compat.v1.where(tf.reduce_mean(x, [1, 2, 3]) > 0.5, x, 2 * x),
        {},
    )
    yield "Cast of a comparison", IMAGE, {}, lambda x: tf.cast(tf.not_equal(x, 1.0), x.dtype) * x, {}
    yield "ClipByValue", IMAGE, {}, lambda x: tf.raw_ops.ClipByValue(t=x, clip_value_min=c(x, 0.5), clip_value_max=c(x, 1.5)), {"same": lambda x: tf.clip_by_value(x, 0.5, 1.5)}  # fmt: skip


def c(like, value):
    return tf.constant(value, like.dtype)


def part_cases():
    yield "GatherV2 of channels", IMAGE, {}, lambda x: tf.gather(x, [3, 0, 0, 7, 5], axis=-1), {}
    yield "GatherV2 of one row", IMAGE, {}, lambda x: tf.gather(x, 2, axis=1), {}
    yield "Erf", IMAGE, {}, tf.math.erf, {}


def integer_cases():
    """A cast cuts fractions off; gradients pass it unchanged, which `same` says with a stopped difference."""
    through = lambda x, whole: x + tf.stop_gradient(whole - x)
    yield (
        "Cast to integers and back",
        IMAGE,
        {"k": drawn(8)},
        lambda x, k: tf.cast(tf.cast(9 * x * k, tf.int32), x.dtype) * k,
        {"same": lambda x, k: through(9 * x * k, tf.cast(tf.cast(9 * x * k, tf.int32), x.dtype)) * k},
    )
    for name, dtype in (("int32", tf.int32), ("uint8", tf.uint8)):
        yield (
            f"an input of {name}",
            IMAGE,
            {"k": drawn(8)},
            lambda x, k: tf.cast(x, tf.float32) * k,
            {"dtype": dtype, "same": lambda x, k: through(x, tf.round(x)) * k, "scale": 100},
        )
