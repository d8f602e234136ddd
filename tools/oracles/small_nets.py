"""Small nets that hold, between them, what people's classifiers are made of.

Each builder takes a kit (keras_kits.py) and gives (inputs, output). `taps` are the layers whose maps
are expected: spatial, most of them after an activation.
"""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class SmallNet:
    name: str
    build: Callable
    taps: tuple
    form: str  # the JSON: keras2 or keras3
    activation: str = "softmax"
    sequential: bool = False


def nested_residual(kit):
    """Transfer learning as Keras 3 saves it: a backbone that is a model, a head with dropout."""
    layer = kit.layer

    def backbone(x):
        x = layer(
            "Conv2D", "stem", filters=8, kernel_size=3, strides=2, padding="same", use_bias=False
        )(x)
        x = kit.relu("stem_relu")(layer("BatchNormalization", "stem_bn")(x))
        y = layer("Conv2D", "body1", filters=8, kernel_size=3, padding="same", use_bias=False)(x)
        y = kit.relu("body1_relu")(layer("BatchNormalization", "body1_bn", epsilon=1e-5)(y))
        y = layer("Conv2D", "body2", filters=8, kernel_size=3, padding="same")(y)
        x = kit.relu("joined_relu")(layer("Add", "joined")([x, y]))
        x = layer("MaxPooling2D", "pool", pool_size=3, strides=2, padding="same")(x)
        x = layer("Conv2D", "top", filters=16, kernel_size=3, padding="same")(x)
        return kit.relu("top_relu")(x)

    image = kit.input((32, 32, 3), "image")
    x = layer("Rescaling", "rescaling", scale=1 / 127.5, offset=-1.0)(image)
    x = kit.nested("backbone", backbone, x)
    x = layer("GlobalAveragePooling2D", "average")(x)
    x = layer("Dropout", "dropout", rate=0.5)(x)
    return [image], kit.classifier(6, "predictions", "softmax")(x)


def mobilenet_like(kit):
    """Depthwise blocks with ReLU6; explicit padding before a stride; the head a convolution."""
    layer = kit.layer

    def separable(x, i, filters, stride):
        padding = "same"
        if stride == 2:
            x = layer("ZeroPadding2D", f"pad_{i}", padding=((0, 1), (0, 1)))(x)
            padding = "valid"
        x = layer(
            "DepthwiseConv2D",
            f"dw_{i}",
            kernel_size=3,
            strides=stride,
            padding=padding,
            use_bias=False,
        )(x)
        x = kit.relu6(f"dw_{i}_relu")(layer("BatchNormalization", f"dw_{i}_bn")(x))
        x = layer(
            "Conv2D", f"pw_{i}", filters=filters, kernel_size=1, padding="same", use_bias=False
        )(x)
        return kit.relu6(f"pw_{i}_relu")(layer("BatchNormalization", f"pw_{i}_bn")(x))

    image = kit.input((33, 31, 3), "image")
    x = layer(
        "Conv2D", "conv1", filters=8, kernel_size=3, strides=2, padding="same", use_bias=False
    )(image)
    x = kit.relu6("conv1_relu")(layer("BatchNormalization", "conv1_bn")(x))
    x = separable(x, 1, 12, 1)
    x = separable(x, 2, 16, 2)
    x = separable(x, 3, 24, 2)
    x = layer("GlobalAveragePooling2D", "average")(x)
    x = layer("Reshape", "reshape_1", target_shape=(1, 1, 24))(x)
    x = layer("Conv2D", "logits", filters=7, kernel_size=1)(x)
    x = layer("Reshape", "reshape_2", target_shape=(7,))(x)
    return [image], kit.final("softmax", "act_softmax")(x)


def fused_sequential(kit):
    """A plain stack with fused ReLUs, pools that see many zeros, and dense layers on a flat grid."""
    layer, fused = kit.layer, kit.fused_relu()
    image = kit.input((28, 28, 3), "image")
    x = layer("Conv2D", "conv1", filters=8, kernel_size=3, padding="same", activation=fused)(image)
    x = layer("MaxPooling2D", "pool1", pool_size=2)(x)
    x = layer("Conv2D", "conv2", filters=12, kernel_size=3, activation=fused)(x)
    x = layer("AveragePooling2D", "pool2", pool_size=3, strides=2, padding="same")(x)
    x = layer("Conv2D", "conv3", filters=12, kernel_size=3, padding="same", activation=fused)(x)
    x = layer("MaxPooling2D", "pool3", pool_size=2)(x)
    x = layer("Flatten", "flatten")(x)
    x = layer("Dense", "dense1", units=20, activation=fused)(x)
    return [image], kit.classifier(5, "predictions", "softmax")(x)


def squeeze_excite(kit):
    """Gates, smooth activations, branches of several kinds; one class and a sigmoid."""
    layer = kit.layer
    image = kit.input((24, 32, 3), "image")
    x = layer("Conv2D", "stem", filters=8, kernel_size=5, strides=2, padding="same")(image)
    x = layer("Activation", "stem_swish", activation="swish")(x)
    gate = layer("GlobalAveragePooling2D", "squeeze", keepdims=True)(x)
    gate = layer("Conv2D", "reduce", filters=4, kernel_size=1)(gate)
    gate = kit.relu("reduce_relu")(gate)
    gate = layer("Conv2D", "expand", filters=8, kernel_size=1, activation="sigmoid")(gate)
    x = layer("Multiply", "excite")([x, gate])
    a = layer("Conv2D", "wide", filters=6, kernel_size=3, dilation_rate=2, padding="same")(x)
    a = layer("LeakyReLU", "wide_leaky", negative_slope=0.1)(a)
    b = layer("AveragePooling2D", "mean", pool_size=2, strides=2)(x)
    b = layer("Conv2D", "deep", filters=6, kernel_size=3, padding="same", activation="elu")(b)
    b = layer("UpSampling2D", "enlarge", size=2)(b)
    x = layer("Concatenate", "branches")([a, b])
    x = layer("Conv2D", "mixed", filters=10, kernel_size=3, groups=2, strides=2, padding="same")(x)
    x = kit.relu("mixed_relu")(x)
    x = layer("GlobalAveragePooling2D", "average")(x)
    return [image], kit.classifier(1, "predictions", "sigmoid")(x)


def two_inputs(kit):
    """An image and a vector of other facts, joined after the pooling."""
    layer = kit.layer
    image = kit.input((20, 20, 3), "image")
    facts = kit.input((4,), "facts")
    x = layer("Conv2D", "conv1", filters=8, kernel_size=3, strides=2, padding="same")(image)
    x = kit.relu("conv1_relu")(x)
    x = layer("Conv2D", "conv2", filters=8, kernel_size=3, padding="same")(x)
    x = kit.relu("conv2_relu")(x)
    x = layer("GlobalMaxPooling2D", "largest")(x)
    f = kit.relu("facts_relu")(layer("Dense", "facts_dense", units=6)(facts))
    x = layer("Concatenate", "together")([x, f])
    x = layer("Dense", "hidden", units=10, activation="tanh")(x)
    return [image, facts], kit.classifier(4, "predictions", "softmax")(x)


def convnext_like(kit):
    """Fine-tuning as tutorials have it: pictures changed in training alone, then a block of ConvNeXt."""
    layer = kit.layer

    def augmentation(x):
        x = layer("RandomFlip", "flip", mode="horizontal")(x)
        x = layer("RandomRotation", "rotate", factor=0.1)(x)
        x = layer("RandomZoom", "zoom", height_factor=0.2)(x)
        return layer("RandomContrast", "contrast", factor=0.1)(x)

    image = kit.input((32, 32, 3), "image")
    x = kit.nested("augmentation", augmentation, image)
    x = layer("Rescaling", "rescaling", scale=1 / 127.5, offset=-1.0)(x)
    x = layer("Conv2D", "stem", filters=8, kernel_size=4, strides=4)(x)
    x = layer("LayerNormalization", "stem_norm", epsilon=1e-6)(x)
    y = layer("Conv2D", "deep", filters=8, kernel_size=7, padding="same", groups=8)(x)
    y = layer("LayerNormalization", "deep_norm", epsilon=1e-6)(y)
    y = layer("Dense", "widen", units=16)(y)
    y = layer("Activation", "widened", activation="gelu")(y)
    y = layer("Dense", "narrow", units=8)(y)
    y = layer("LayerScale", "scale", init_values=1e-6, projection_dim=8)(y)
    y = layer("Identity", "identity")(y)
    x = layer("Add", "joined")([x, y])
    x = layer("GroupNormalization", "group_norm", groups=4)(x)
    x = layer("Activation", "joined_mish", activation="mish")(x)
    x = layer("Conv2D", "top", filters=12, kernel_size=3, padding="same")(x)
    x = kit.relu("top_relu")(x)
    x = layer("GlobalAveragePooling2D", "average")(x)
    x = layer("LayerNormalization", "head_norm", epsilon=1e-6)(x)
    return [image], kit.classifier(5, "predictions", "softmax")(x)


NETS = (
    SmallNet(
        "nested-residual",
        nested_residual,
        ("top_relu", "pool", "joined_relu", "body1_relu"),
        "keras3",
    ),
    SmallNet("mobilenet-like", mobilenet_like, ("pw_3_relu", "pw_2_relu", "dw_2_relu"), "keras2"),
    SmallNet(
        "fused-sequential", fused_sequential, ("pool3", "conv3", "conv2"), "keras2", sequential=True
    ),
    SmallNet(
        "squeeze-excite", squeeze_excite, ("mixed_relu", "branches", "excite"), "keras3", "sigmoid"
    ),
    SmallNet("two-inputs", two_inputs, ("conv2_relu", "conv1_relu"), "keras3"),
    SmallNet("convnext-like", convnext_like, ("top_relu",), "keras3"),
)
