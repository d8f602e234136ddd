"""One case of an op fixture: a Keras layer, what goes in, what comes out and what comes back.

Computed in float64 from values that float32 holds exactly, so that what is stored is right to the
last bit of float32, whatever the order of a kernel's sums. The few layers that only know float32 say so.
"""

from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from fixture_json import float32
from keras_kits import layer_class
from layers_model_files import weight_name


@dataclass
class Case:
    """`data` names how inputs are drawn: normal, integers (ties), rectified (zeros), kinks."""

    name: str
    op: str
    attributes: dict
    shapes: list
    data: str = "normal"
    dtype: str = "float64"
    weights: dict = field(default_factory=dict)


def run_case(case, random):
    layer = layer_class(case.op)(**case.attributes, dtype=case.dtype)
    arrays = [draw(case.data, shape, random) for shape in case.shapes]
    inputs = [tf.constant(array, case.dtype) for array in arrays]
    argument = inputs[0] if len(inputs) == 1 else inputs
    layer(argument)  # builds it
    weights = set_weights(layer, random, case.weights)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        output = layer(argument, training=False) if has_training(case.op) else layer(argument)
        upstream = draw("normal", output.shape, random)
        scalar = tf.reduce_sum(output * tf.constant(upstream, output.dtype))
    gradients = tape.gradient(scalar, inputs)
    return {
        "name": case.name,
        "op": case.op,
        "attributes": case.attributes,
        "inputs": [float32(array) for array in arrays],
        "weights": {name: float32(value) for name, value in weights.items()},
        "output": float32(output),
        "upstream": float32(upstream),
        "inputGradients": [float32(g) for g in gradients],
    }


def has_training(op):
    return op == "BatchNormalization"


def set_weights(layer, random, given):
    """Gives every weight a value that float32 holds; {weight name: array} as a manifest names them."""
    values = {}
    for variable in layer.weights:
        name, shape = weight_name(layer, variable), tuple(variable.shape)
        if name in given:
            value = np.asarray(given[name], np.float32)
        elif name in ("moving_variance", "variance"):
            value = random.uniform(0.5, 2, shape).astype(np.float32)
        elif name == "gamma":
            value = random.uniform(0.5, 1.5, shape).astype(np.float32)
        elif name == "count":
            value = np.array(1, np.float32)
        else:
            value = (random.standard_normal(shape) * 0.5).astype(np.float32)
        variable.assign(value)
        values[name] = value
    return values


def draw(kind, shape, random):
    if kind == "integers":  # few values: most windows hold their maximum more than once
        values = random.integers(-2, 3, shape)
    elif kind == "rectified":  # as after a ReLU: most cells, and many whole windows, are zero
        values = np.maximum(random.standard_normal(shape) - 1.2, 0)
    elif kind == "kinks":  # the very points where a slope changes are among the values
        values = random.standard_normal(shape) * 4
        points = np.array([0.0, 6.0, -1.0, 1.0, 3.0, -3.0])
        values.reshape(-1)[: points.size * 2] = np.repeat(points, 2)[: values.size]
    elif kind in ("zeros", "minus-one"):
        values = np.full(shape, 0 if kind == "zeros" else -1)
    else:
        values = random.standard_normal(shape)
    return values.astype(np.float32)
