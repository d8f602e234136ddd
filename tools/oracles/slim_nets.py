"""TF-slim's classic nets in plain tf.nn operations, with the names users of the source know.

`forward(architecture, source, x)` returns every endpoint by its short name (`conv5_3`,
`block4/unit_2`, `logits`); `source` is one of variable_sources.py, `wrap(name)` gives the function to
use for "relu" or "relu6": plain, by another rule (relu_rules.py), or one that looks at what passes.
"""

import tensorflow as tf

from relu_rules import ACTIVATIONS


def forward(architecture, source, x, wrap=ACTIVATIONS.get):
    family, activation = FAMILIES[architecture["family"]]
    return family(architecture, source, x, wrap(activation))


def conv(source, scope, x, size, channels, stride=1, padding="SAME", bias=False, weights="weights"):
    if stride > 1 and size > 1 and padding == "EXPLICIT":
        # conv2d_same of TF-slim: zeros on both sides, whatever the input size. TensorFlow's SAME
        # pads an even input on the far side only, which is another function.
        before = (size - 1) // 2
        after = size - 1 - before
        x = tf.pad(x, [[0, 0], [before, after], [before, after], [0, 0]])
    pad = {"EXPLICIT": "VALID" if stride > 1 else "SAME"}.get(padding, padding)
    apply = lambda kernel: tf.nn.conv2d(x, kernel, stride, pad)
    shape = (size, size, x.shape[-1], channels)
    name = f"{scope}/{weights}"
    if not bias:
        return apply(source.kernel(name, shape, x))
    kernel, biases = source.biased_kernel(name, f"{scope}/biases", shape, x, apply)
    return tf.nn.bias_add(apply(kernel), biases)


def batch_norm(source, scope, x, epsilon):
    gamma, beta, mean, variance = source.batch_norm(scope, x)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


def subsample(x, stride):
    # A 1x1 max-pool in TF-slim; taking every stride-th cell is the same and has no ties.
    return x if stride == 1 else x[:, ::stride, ::stride]


def pool_and_classify(source, scope, x, classes, ends):
    ends["global_pool"] = tf.reduce_mean(x, [1, 2], keepdims=True)
    logits = conv(source, scope, ends["global_pool"], 1, classes, bias=True)
    ends["logits"] = logits[:, 0, 0, :]
    return ends


def resnet_v1(architecture, source, x, relu):
    scope, epsilon = architecture["scope"], architecture["batchNormEpsilon"]

    def unit_conv(name, x, size, channels, stride=1):
        x = conv(source, name, x, size, channels, stride, "EXPLICIT")
        return batch_norm(source, f"{name}/BatchNorm", x, epsilon)

    ends = {}
    x = ends["conv1"] = relu(unit_conv(f"{scope}/conv1", x, 7, architecture["rootChannels"], 2))
    x = ends["pool1"] = tf.nn.max_pool2d(x, 3, 2, "SAME")
    for block, unit, stride, depth in _units(architecture):
        name = f"{scope}/{block}/{unit}/bottleneck_v1"
        if x.shape[-1] == 4 * depth:
            shortcut = subsample(x, stride)
        else:
            shortcut = unit_conv(f"{name}/shortcut", x, 1, 4 * depth, stride)
        y = relu(unit_conv(f"{name}/conv1", x, 1, depth))
        y = relu(unit_conv(f"{name}/conv2", y, 3, depth, stride))
        y = unit_conv(f"{name}/conv3", y, 1, 4 * depth)
        x = ends[f"{block}/{unit}"] = ends[block] = relu(shortcut + y)
    return pool_and_classify(source, f"{scope}/logits", x, architecture["classes"], ends)


def resnet_v2(architecture, source, x, relu):
    scope, epsilon = architecture["scope"], architecture["batchNormEpsilon"]

    def unit_conv(name, x, size, channels, stride=1):
        x = conv(source, name, x, size, channels, stride, "EXPLICIT")
        return relu(batch_norm(source, f"{name}/BatchNorm", x, epsilon))

    def biased_conv(name, x, size, channels, stride=1):
        return conv(source, name, x, size, channels, stride, "EXPLICIT", bias=True)

    ends = {}
    x = ends["conv1"] = biased_conv(f"{scope}/conv1", x, 7, architecture["rootChannels"], 2)
    x = ends["pool1"] = tf.nn.max_pool2d(x, 3, 2, "SAME")
    for block, unit, stride, depth in _units(architecture):
        name = f"{scope}/{block}/{unit}/bottleneck_v2"
        preact = relu(batch_norm(source, f"{name}/preact", x, epsilon))
        if x.shape[-1] == 4 * depth:
            shortcut = subsample(x, stride)  # of the raw input, not of its activation
        else:
            shortcut = biased_conv(f"{name}/shortcut", preact, 1, 4 * depth, stride)
        y = unit_conv(f"{name}/conv1", preact, 1, depth)
        y = unit_conv(f"{name}/conv2", y, 3, depth, stride)
        y = biased_conv(f"{name}/conv3", y, 1, 4 * depth)
        x = ends[f"{block}/{unit}"] = ends[block] = shortcut + y
    x = ends["postnorm"] = relu(batch_norm(source, f"{scope}/postnorm", x, epsilon))
    return pool_and_classify(source, f"{scope}/logits", x, architecture["classes"], ends)


def vgg(architecture, source, x, relu):
    scope, slim = architecture["scope"], architecture["form"] == "slim"
    ends = {}
    for i, stage in enumerate(architecture["stages"], start=1):
        for j in range(1, stage["repeats"] + 1):
            name = f"{scope}/conv{i}/conv{i}_{j}" if slim else f"conv{i}_{j}"
            x = relu(conv(source, name, x, 3, stage["channels"], bias=True))
            ends[f"conv{i}_{j}"] = x
        # The grid is even at every pool of a 224 input, so slim's VALID and the .npy's SAME agree.
        x = ends[f"pool{i}"] = tf.nn.max_pool2d(x, 2, 2, "VALID")
    widths = [architecture["hidden"], architecture["hidden"], architecture["classes"]]
    for i, width in zip((6, 7, 8), widths):
        x = _fully_connected(source, scope, f"fc{i}", x, width, slim)
        x = ends["logits" if i == 8 else f"fc{i}"] = x if i == 8 else relu(x)
    if slim:
        ends["logits"] = ends["logits"][:, 0, 0, :]
    return ends


def _fully_connected(source, scope, name, x, width, slim):
    if slim:
        return conv(source, f"{scope}/{name}", x, x.shape[1], width, padding="VALID", bias=True)
    x = tf.reshape(x, [x.shape[0], -1])
    apply = lambda matrix: x @ matrix
    shape = (x.shape[1], width)
    matrix, biases = source.biased_kernel(f"{name}/weights", f"{name}/biases", shape, x, apply)
    return x @ matrix + biases


def mobilenet_v1(architecture, source, x, relu6):
    scope, epsilon = architecture["scope"], architecture["batchNormEpsilon"]

    def normalised(name, x):
        return relu6(batch_norm(source, f"{name}/BatchNorm", x, epsilon))

    ends = {}
    name = f"{scope}/Conv2d_0"
    x = normalised(name, conv(source, name, x, 3, architecture["rootChannels"], 2))
    ends["Conv2d_0"] = x
    for i, block in enumerate(architecture["blocks"], start=1):
        name, stride = f"{scope}/Conv2d_{i}_depthwise", block["stride"]
        kernel = source.kernel(f"{name}/depthwise_weights", (3, 3, x.shape[-1], 1), x)
        x = tf.nn.depthwise_conv2d(x, kernel, [1, stride, stride, 1], "SAME")
        x = ends[f"Conv2d_{i}_depthwise"] = normalised(name, x)
        name = f"{scope}/Conv2d_{i}_pointwise"
        x = normalised(name, conv(source, name, x, 1, block["channels"]))
        ends[f"Conv2d_{i}_pointwise"] = x
    return pool_and_classify(
        source, f"{scope}/Logits/Conv2d_1c_1x1", x, architecture["classes"], ends
    )


def _units(architecture):
    """(block, unit, stride, base depth): TF-slim puts a block's stride into its LAST unit."""
    for block in architecture["blocks"]:
        for i in range(1, block["units"] + 1):
            stride = block["stride"] if i == block["units"] else 1
            yield block["name"], f"unit_{i}", stride, block["baseDepth"]


FAMILIES = {
    "resnet_v1": (resnet_v1, "relu"),
    "resnet_v2": (resnet_v2, "relu"),
    "vgg": (vgg, "relu"),
    "mobilenet_v1": (mobilenet_v1, "relu6"),
}
