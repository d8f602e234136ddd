"""Chains of layers whose ReLUs pass gradient back by another rule: guided backprop and deconvnet."""

import numpy as np
import tensorflow as tf

from fixture_json import float32
from relu_rules import RULES, ruled_activation


def relu_policy_cases(random):
    chains = {
        "relu-twice": ["conv", "relu", "conv", "relu", "dense"],
        "relu6-twice": ["conv", "relu6", "conv", "relu6", "dense"],
        "relu-then-pool": ["conv", "relu", "pool", "conv", "relu", "dense"],
        "relu-last": ["conv", "relu6", "dense", "relu"],
        "relu-alone": ["relu"],
        "relu6-alone": ["relu6"],
    }
    return [policy_case(name, chain, random) for name, chain in chains.items()]


def policy_case(name, chain, random):
    x = (random.standard_normal((1, 6, 5, 2)) * 3).astype(np.float32)
    layers = draw_layers(chain, x.shape, random)
    upstream = None
    results = {}
    for rule in RULES:
        inputs = tf.constant(x, tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = run_chain(layers, inputs, rule)
            if upstream is None:
                upstream = random.standard_normal(output.shape).astype(np.float32)
            scalar = tf.reduce_sum(output * tf.constant(upstream, tf.float64))
        results[rule] = float32(tape.gradient(scalar, inputs))
    return {
        "name": name,
        "layers": [
            {**layer, "weights": {k: float32(v) for k, v in layer.get("weights", {}).items()}}
            for layer in layers
        ],
        "inputs": [float32(x)],
        "output": float32(output),
        "upstream": float32(upstream),
        "inputGradients": results,
    }


def draw_layers(chain, shape, random):
    """The chain as Keras classes and attributes with drawn weights; sizes follow from the input."""
    _, height, width, channels = shape
    layers = []
    for step in chain:
        draw = lambda *size: (random.standard_normal(size) * 0.7).astype(np.float32)
        if step == "conv":
            weights = {"kernel": draw(3, 3, channels, 3), "bias": draw(3)}
            attributes = {"filters": 3, "kernel_size": [3, 3], "padding": "same"}
            layers.append({"op": "Conv2D", "attributes": attributes, "weights": weights})
            channels = 3
        elif step == "pool":
            attributes = {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}
            layers.append({"op": "MaxPooling2D", "attributes": attributes})
            height, width = height // 2, width // 2
        elif step == "dense":
            layers.append({"op": "Flatten", "attributes": {}})
            weights = {"kernel": draw(height * width * channels, 4), "bias": draw(4)}
            layers.append({"op": "Dense", "attributes": {"units": 4}, "weights": weights})
        else:
            attributes = {"max_value": 6.0} if step == "relu6" else {}
            layers.append({"op": "ReLU", "attributes": attributes})
    return layers


def run_chain(layers, x, rule):
    for layer in layers:
        weights = {k: tf.constant(v, x.dtype) for k, v in layer.get("weights", {}).items()}
        if layer["op"] == "Conv2D":
            x = tf.nn.conv2d(x, weights["kernel"], 1, "SAME") + weights["bias"]
        elif layer["op"] == "MaxPooling2D":
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        elif layer["op"] == "Flatten":
            x = tf.reshape(x, [x.shape[0], -1])
        elif layer["op"] == "Dense":
            x = x @ weights["kernel"] + weights["bias"]
        else:
            x = ruled_activation("relu6" if layer["attributes"] else "relu", rule)(x)
    return x
