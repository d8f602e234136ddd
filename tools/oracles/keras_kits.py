"""Two ways to build one net: as its file describes it, and so that everything can be measured.

A builder (small_nets.py) asks a kit for what differs: in the file ReLUs are Keras's, activations may be
fused, a part may be a model of its own, the end a softmax. To measure, the same layers stand in one flat
graph in float64, ReLUs follow a rule (relu_rules.py), and the logits are what comes out.
"""

import keras
import tensorflow as tf
from keras.src.applications.convnext import LayerScale

from relu_rules import ruled_activation


def layer_class(kind):
    """A layer of Keras by its class name; ConvNeXt's own is not among the public ones."""
    return LayerScale if kind == "LayerScale" else getattr(keras.layers, kind)


class FileKit:
    dtype = "float32"

    def input(self, shape, name):
        return keras.Input(shape, name=name)

    def layer(self, kind, name, **attributes):
        return layer_class(kind)(name=name, **attributes)

    def relu(self, name):
        return keras.layers.ReLU(name=name)

    def relu6(self, name):
        return keras.layers.ReLU(max_value=6.0, name=name)

    def fused_relu(self):
        return "relu"

    def nested(self, name, build, x):
        inner = keras.Input(x.shape[1:], name=f"{name}_input")
        return keras.Model(inner, build(inner), name=name)(x)

    def classifier(self, units, name, activation):
        """A dense layer with the activation fused, as most files have it."""
        return keras.layers.Dense(units, activation=activation, name=name)

    def final(self, activation, name):
        return keras.layers.Activation(activation, name=name)


class MeasuringKit:
    dtype = "float64"

    def __init__(self, rule="plain"):
        self.rule = rule

    def input(self, shape, name):
        return keras.Input(shape, name=name, dtype=self.dtype)

    def layer(self, kind, name, **attributes):
        return layer_class(kind)(name=name, dtype=self.dtype, **attributes)

    def relu(self, name):
        return keras.layers.Activation(
            ruled_activation("relu", self.rule), name=name, dtype=self.dtype
        )

    def relu6(self, name):
        return keras.layers.Activation(
            ruled_activation("relu6", self.rule), name=name, dtype=self.dtype
        )

    def fused_relu(self):
        return ruled_activation("relu", self.rule)

    def nested(self, name, build, x):
        return build(x)

    def classifier(self, units, name, activation):
        return keras.layers.Dense(units, name=name, dtype=self.dtype)

    def final(self, activation, name):
        return lambda logits: logits


def output_of(logits, activation):
    """What the file's net gives out, from the logits."""
    return tf.sigmoid(logits) if activation == "sigmoid" else tf.nn.softmax(logits)
