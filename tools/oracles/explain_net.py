"""Runs a slim net on one image and takes the gradients of class scores at its endpoints."""

import tensorflow as tf

from relu_rules import ruled_activation
from slim_nets import forward
from variable_sources import StoredVariables


def explain(architecture, tensors, x, *, classes, endpoints, rule="plain", dtype=tf.float32):
    """(endpoints by name, {class: {name: gradient}}); the name "input" is the net's input.

    `classes` is a list, or a function of the logits that gives one.
    """
    source = StoredVariables(tensors, dtype)
    x = tf.cast(x, dtype)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        ends = forward(architecture, source, x, lambda name: ruled_activation(name, rule))
        ends = {"input": x, **ends}
        wanted = classes(ends["logits"].numpy()[0]) if callable(classes) else classes
        scores = {index: ends["logits"][0, index] for index in wanted}
    gradients = {}
    for index, score in scores.items():
        taken = tape.gradient(score, [ends[name] for name in endpoints])
        gradients[index] = {name: g.numpy()[0] for name, g in zip(endpoints, taken)}
    return {name: value.numpy()[0] for name, value in ends.items()}, gradients
