"""Activations, normalisations, and layers that join or rearrange: cases of the op fixtures."""

from op_case import Case

GRID = [1, 3, 4, 3]


def activations():
    simple = (
        ("relu", "ReLU", {}),
        ("relu6", "ReLU", {"max_value": 6.0}),
        ("relu-slope", "ReLU", {"negative_slope": 0.2}),
        ("relu-slope-max", "ReLU", {"negative_slope": 0.1, "max_value": 3.0}),
        ("relu-threshold", "ReLU", {"threshold": 1.0}),
        ("leaky-default", "LeakyReLU", {}),
        ("leaky-0.1", "LeakyReLU", {"negative_slope": 0.1}),
        ("elu", "ELU", {"alpha": 1.0}),
        ("elu-0.5", "ELU", {"alpha": 0.5}),
        ("softmax", "Softmax", {}),
        ("softmax-axis-1", "Softmax", {"axis": 1}),
    )
    named = (
        "relu",
        "relu6",
        "sigmoid",
        "tanh",
        "swish",
        "elu",
        "selu",
        "softplus",
        "softsign",
        "hard_sigmoid",
        "hard_swish",
        "gelu",
        "exponential",
        "leaky_relu",
        "linear",
        "softmax",
    )
    cases = [Case(name, op, attributes, [GRID], "kinks") for name, op, attributes in simple]
    cases += [
        Case(f"activation-{a}", "Activation", {"activation": a}, [GRID], "kinks") for a in named
    ]
    cases += [
        Case("prelu", "PReLU", {}, [[1, 3, 2, 2]], "kinks"),
        Case("prelu-shared", "PReLU", {"shared_axes": [1, 2]}, [GRID], "kinks"),
        Case("softmax-large", "Activation", {"activation": "softmax"}, [[1, 8]], "kinks"),
        Case("activation-mish", "Activation", {"activation": "mish"}, [GRID], "kinks"),
    ]
    return cases


def normalisation():
    return [
        Case("batch-norm", "BatchNormalization", {}, [GRID]),
        Case("batch-norm-epsilon-1e-5", "BatchNormalization", {"epsilon": 1e-5}, [GRID]),
        Case("batch-norm-no-scale", "BatchNormalization", {"scale": False}, [GRID]),
        Case("batch-norm-no-center", "BatchNormalization", {"center": False}, [GRID]),
        Case("batch-norm-flat", "BatchNormalization", {}, [[1, 5]]),
        # A variance of almost nothing: epsilon decides.
        Case(
            "batch-norm-tiny-variance",
            "BatchNormalization",
            {"epsilon": 1e-3},
            [[1, 2, 2, 2]],
            weights={"moving_variance": [1e-7, 1e-12]},
        ),
        Case("layer-norm", "LayerNormalization", {}, [GRID]),
        Case("layer-norm-no-scale", "LayerNormalization", {"scale": False, "epsilon": 1e-6}, [GRID]),
        Case("layer-norm-no-center", "LayerNormalization", {"center": False}, [[1, 5, 4]]),
        Case("layer-norm-flat", "LayerNormalization", {}, [[1, 6]]),
        Case("rescaling", "Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, [GRID]),
        Case(
            "normalization",
            "Normalization",
            {"mean": [0.5, -1.0, 2.0], "variance": [0.25, 4.0, 1.0]},
            [GRID],
        ),
        Case("layer-scale", "LayerScale", {"init_values": 1e-6, "projection_dim": 3}, [GRID]),
        Case("layer-scale-flat", "LayerScale", {"init_values": 1e-6, "projection_dim": 5}, [[1, 5]]),
        Case("group-norm", "GroupNormalization", {"groups": 2}, [[1, 3, 4, 6]]),
        Case("group-norm-instance", "GroupNormalization", {"groups": -1, "epsilon": 1e-5}, [GRID]),
        Case("group-norm-one", "GroupNormalization", {"groups": 1, "center": False}, [GRID]),
        Case(
            "group-norm-plain",
            "GroupNormalization",
            {"groups": 3, "scale": False, "center": False},
            [[1, 2, 5, 6]],
        ),
        Case("group-norm-no-scale", "GroupNormalization", {"groups": 3, "scale": False}, [GRID]),
    ]


def rearranging():
    same = lambda op, name, attributes, shape=GRID: Case(name, op, attributes, [shape])
    return [
        same("ZeroPadding2D", "zero-padding", {"padding": [[1, 2], [3, 0]]}),
        same("ZeroPadding2D", "zero-padding-both", {"padding": [1, 2]}),
        same("Cropping2D", "cropping", {"cropping": [[1, 0], [1, 2]]}, [1, 4, 5, 2]),
        same("Flatten", "flatten", {}),
        same("Reshape", "reshape", {"target_shape": [6, 6]}),
        same("Reshape", "reshape-unknown", {"target_shape": [2, -1]}),
        same("Permute", "permute", {"dims": [2, 1, 3]}),
        same("Permute", "permute-channels-first", {"dims": [3, 1, 2]}),
        same("UpSampling2D", "upsampling-nearest", {"size": [2, 3], "interpolation": "nearest"}),
        same("UpSampling2D", "upsampling-bilinear", {"size": [2, 2], "interpolation": "bilinear"}),
        same(
            "UpSampling2D", "upsampling-bilinear-3x2", {"size": [3, 2], "interpolation": "bilinear"}
        ),
    ]


def joining():
    pair, triple = [GRID, GRID], [GRID, GRID, GRID]
    column = [1, 1, 1, 3]
    return [
        Case("add", "Add", {}, pair),
        Case("add-three", "Add", {}, triple),
        Case("add-broadcast", "Add", {}, [GRID, column]),
        Case("subtract", "Subtract", {}, pair),
        Case("multiply", "Multiply", {}, pair),
        Case("multiply-three", "Multiply", {}, triple),
        Case("multiply-broadcast", "Multiply", {}, [GRID, column]),
        Case("average-three", "Average", {}, triple),
        Case("maximum", "Maximum", {}, pair),
        Case("maximum-ties", "Maximum", {}, triple, "integers"),
        Case("minimum-ties", "Minimum", {}, pair, "integers"),
        Case("concatenate", "Concatenate", {"axis": -1}, [GRID, [1, 3, 4, 2], [1, 3, 4, 1]]),
        Case("concatenate-rows", "Concatenate", {"axis": 1}, [GRID, [1, 2, 4, 3]]),
        Case("concatenate-flat", "Concatenate", {"axis": -1}, [[1, 3], [1, 4]]),
    ]
