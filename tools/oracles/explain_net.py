"""Runs a slim net on one image and takes the gradients of class scores at its endpoints."""

import tensorflow as tf

from slim_nets import forward


@tf.custom_gradient
def guided_relu(x):
    """Springenberg et al.: what a ReLU passes back is also cut where it is negative."""
    return tf.nn.relu(x), lambda dy: tf.where(x > 0, tf.nn.relu(dy), 0.0)


@tf.custom_gradient
def deconvnet_relu(x):
    """Zeiler and Fergus: only the sign of what comes back decides."""
    return tf.nn.relu(x), lambda dy: tf.nn.relu(dy)


def explain(architecture, source, x, *, classes, endpoints=(), relu=tf.nn.relu):
    """(endpoints by name, {class: {name: gradient}}); the name "input" is the net's input.

    `classes` is a list, or a function of the logits that gives one.
    """
    x = tf.convert_to_tensor(x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        ends = {"input": x, **forward(architecture, source, x, relu)}
        wanted = classes(ends["logits"].numpy()[0]) if callable(classes) else classes
        scores = {index: ends["logits"][0, index] for index in wanted}
    gradients = {}
    for index, score in scores.items():
        taken = tape.gradient(score, [ends[name] for name in endpoints])
        gradients[index] = {name: g.numpy()[0] for name, g in zip(endpoints, taken)}
    return {name: value.numpy()[0] for name, value in ends.items()}, gradients
