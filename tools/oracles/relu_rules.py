"""What ReLU and ReLU6 pass back, by name of the rule.

Plain: where the unit was on its slope. Guided (Springenberg et al. 2015): there, and only what is
positive. Deconvnet (Zeiler and Fergus 2014): what is positive, wherever; the upper end of a ReLU6
does not count.
"""

import tensorflow as tf

ACTIVATIONS = {"relu": tf.nn.relu, "relu6": tf.nn.relu6}


def on_slope(name, x):
    return (x > 0) & (x < 6) if name == "relu6" else x > 0


RULES = {
    "plain": lambda name, x, dy: tf.where(on_slope(name, x), dy, 0),
    "guided": lambda name, x, dy: tf.where(on_slope(name, x), tf.nn.relu(dy), 0),
    "deconvnet": lambda name, x, dy: tf.nn.relu(dy),
}


def ruled_activation(name, rule):
    """`relu` or `relu6` as a function whose derivative follows the rule."""
    if rule == "plain":
        return ACTIVATIONS[name]  # TensorFlow's own derivative, which is the plain rule

    @tf.custom_gradient
    def activation(x):
        return ACTIVATIONS[name](x), lambda dy: RULES[rule](name, x, dy)

    return activation
