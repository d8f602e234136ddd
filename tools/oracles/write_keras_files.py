# /// script
# requires-python = ">=3.11"
# dependencies = ["tensorflow==2.21.0", "keras==3.15.1", "h5py", "numpy"]
# ///
"""Writes packages/converter/test/fixtures/keras from scratch: small nets in the files of Keras 1, 2 and 3.

    python write_keras_files.py

Keras 3 writes NAME.keras and NAME.h5 itself. NAME.keras2.h5 and NAME.keras1.h5 are what Keras 2 and Keras 1
wrote of the same net: their configurations and names of weights by h5py, after the documentation of these
versions. NAME.renamed.h5 has names that belong to no layer, NAME.packed.h5 its data in compressed chunks, as
h5repack leaves them, and NAME.latest.h5 the structures of libver='latest'. NAME.keras213.keras has the groups of Keras
2.12 and 2.13, as a Windows machine wrote them. apart/ has weights and architecture in two files. expected.json: output and Grad-CAM of every net, by TensorFlow.
"""

import io
import json
import os
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # Eigen's kernels: the same sums everywhere

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras.src.utils.naming import to_snake_case

from fixture_json import float32, uint8
from layers_model_files import as_keras2

FOLDER = Path(__file__).parents[2] / "packages/converter/test/fixtures/keras"
SIZE = 12
L = keras.layers


def sequential():
    """A plain chain, with the layers that name their kernels in their own way, and one that is frozen."""
    return keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            L.Conv2D(6, 3, padding="same", use_bias=False),
            L.BatchNormalization(),
            L.Activation("relu"),
            L.DepthwiseConv2D(3, padding="same", activation="silu"),
            L.MaxPooling2D(),
            L.SeparableConv2D(8, 3, padding="same", activation="relu"),
            L.Dropout(0.3),
            L.Conv2D(8, 3, activation="relu", name="last", trainable=False),
            L.GlobalAveragePooling2D(),
            L.Dense(5, activation="tanh"),
            L.Dense(4, activation="softmax"),
        ],
        name="chain",
    )


def branches():
    """Two ways that join, a layer that is called twice, slopes that are learnt, groups and an operator."""
    image = keras.Input((SIZE, SIZE, 3))
    x = L.Conv2D(8, 3, strides=2, padding="same")(image)
    x = L.PReLU(shared_axes=[1, 2])(x)
    shared = L.Conv2D(8, 3, padding="same", groups=2, activation="relu")
    left = shared(x)
    right = shared(L.LeakyReLU(negative_slope=0.2)(left))
    x = L.Concatenate()([left, right, x])
    x = L.GroupNormalization(groups=4)(x)
    x = L.LayerNormalization(epsilon=1e-3)(x)
    x = L.Conv2DTranspose(6, 2, strides=2, activation="elu")(x)
    x = L.Conv2D(8, 3, activation="relu", name="last")(x) * 0.5
    x = L.Flatten()(L.AveragePooling2D(2)(x))
    return keras.Model(image, L.Dense(4, activation="softmax")(x), name="branches")


def nested():
    """Models in a model: one that is called twice, a partly frozen one, and a chain with a model in it.
    Without what tfjs lacks."""
    inner_image = keras.Input((SIZE, SIZE, 6))
    y = L.Conv2D(6, 3, padding="same", name="inner_conv")(inner_image)
    y = L.BatchNormalization()(y)
    inner = keras.Model(inner_image, L.ReLU(6.0)(y), name="inner")
    frozen_image = keras.Input((SIZE, SIZE, 6))
    y = L.Conv2D(8, 3, strides=2, padding="same")(frozen_image)
    y = L.BatchNormalization()(y)
    y = L.Conv2D(8, 1, activation="relu")(y)
    frozen = keras.Model(frozen_image, y, name="frozen")
    frozen.layers[1].trainable = False
    image = keras.Input((SIZE, SIZE, 3))
    x = L.Conv2D(6, 1, name="first")(image)
    image_features = x
    x = inner(inner(x))
    x = frozen(L.Add()([x, image_features]))
    tail = keras.Sequential([keras.Sequential([L.Conv2D(8, 3, padding="same")]), L.BatchNormalization()])
    x = L.Conv2D(8, 3, activation="relu", name="last")(tail(x))
    x = L.GlobalMaxPooling2D()(x)
    return keras.Model(image, L.Dense(4, activation="softmax")(x), name="nested")


NETS = {"sequential": sequential, "branches": branches, "nested": nested}


def fill(model, random):
    """Weights under which about half of the ReLUs are open; variances are positive."""
    for variable in model.weights:
        shape = variable.shape
        if "seed" in variable.path:
            continue
        fan = max(1, int(np.prod(shape[:-1])))
        if variable.name.endswith("variance"):
            value = random.uniform(0.4, 1.6, shape)
        elif variable.name.endswith("gamma"):
            value = random.uniform(0.6, 1.4, shape)
        elif len(shape) == 1 or variable.name == "alpha":
            value = random.uniform(-0.3, 0.3, shape)
        else:
            value = random.normal(0, (2 / fan) ** 0.5, shape)
        variable.assign(value.astype("float32"))


def explain(model, x):
    """Output, and Grad-CAM of the best class at `last`: the scores before the softmax by layer `last`."""
    head = model.layers[-1]
    head.activation = keras.activations.linear
    both = keras.Model(model.inputs, [model.get_layer("last").output, head(head.input)])
    with tf.GradientTape() as tape:
        activation, logits = both(x, training=False)
        best = int(np.argmax(logits[0]))
        score = logits[0, best]
    gradient = tape.gradient(score, activation).numpy()[0].astype("float64")
    head.activation = keras.activations.softmax
    cam = (activation.numpy()[0].astype("float64") * gradient.mean((0, 1))).sum(-1)
    return {"logits": float32(logits[0]), "class": best, "map": float32(cam)}


def keras2_config(model):
    """The configuration as Keras 2 writes it. Calls of a model inside the model count from 1 there."""
    config = as_keras2(json.loads(model.to_json()))
    count_calls_from_one(config)
    return config


def count_calls_from_one(model):
    config = model["config"]
    inside = {l["config"]["name"] for l in config["layers"] if "layers" in l["config"]}
    for layer in config["layers"]:
        for call in layer.get("inbound_nodes", []):
            for source in call:
                source[1] += source[0] in inside
        if "layers" in layer["config"]:
            count_calls_from_one(layer)


def legacy_weights(layer):
    return layer.trainable_weights + layer.non_trainable_weights


def keras2_name(variable):
    """`layer/kernel:0`. Keras 2 called the kernel of a depthwise convolution by its own name."""
    owner = variable.path.split("/")[-2]
    is_depthwise = owner.startswith("depthwise") and variable.name == "kernel"
    return f"{owner}/{'depthwise_kernel' if is_depthwise else variable.name}:0"


def stale_name(variable):
    """Layers that were renamed after their variables were made: only the order tells whose they are."""
    return keras2_name(variable).replace("/", "_of_old/")


def keras1_name(variable):
    owner = variable.path.split("/")[-2]
    short = {"kernel": "W", "bias": "b", "moving_mean": "running_mean", "moving_variance": "running_std"}
    return f"{owner}_{short.get(variable.name, variable.name)}:0"


def write_h5(path, model, config, version, name_of, **options):
    """What `save_model` of Keras 1 and 2 wrote: attributes are bytes, data one piece for each weight."""
    with h5py.File(path, "w", libver=options.pop("libver", "earliest")) as file:
        if version is not None:
            file.attrs["keras_version"] = version
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        write_layers(file.create_group("model_weights"), model, name_of, **options)
        state = file.create_group("optimizer_weights")
        state.create_dataset("iterations:0", data=np.int64(7))


def write_keras213(source, target, config):
    """The layers in groups as Keras 2.13 named them on Windows, from a file of Keras 3.

    The trackables of a model were its layers by two names, first `layer_with_weights-0` and then `layer-0`. Each got a
    number after its class, and the second time it was not written again: a second layer of a class has the number 2.
    """
    with zipfile.ZipFile(source) as archive:
        old = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
        model = json.loads(archive.read("config.json"))
    weights = io.BytesIO()
    with h5py.File(weights, "w") as new:
        copy_numbered(old, "layers", new, "_layer_checkpoint_dependencies", model["config"]["layers"])
        new.create_group("vars")
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("metadata.json"), json.dumps({"keras_version": "2.13.1"}))
        archive.writestr(zipfile.ZipInfo("config.json"), json.dumps(config))
        archive.writestr(zipfile.ZipInfo("model.weights.h5"), weights.getvalue())


def copy_numbered(old, old_group, new, new_group, layers):
    counts = {"old": {}, "new": {}}

    def name(which, kind):
        number = counts[which].get(kind, 0)
        counts[which][kind] = number + 1
        return f"{kind}_{number}" if number else kind

    for layer in layers:
        kind = to_snake_case(layer["class_name"])
        source = f"{old_group}/{name('old', kind)}"
        target = f"{new_group}\\{name('new', kind)}"
        inner = layer["config"].get("layers")
        if inner is not None:
            name("new", kind)
            new.create_group(target).create_group("vars")
            copy_numbered(old, f"{source}/layers", new, f"{target}\\_layer_checkpoint_dependencies", inner)
            continue
        new.create_group(f"{target}/vars")
        if source not in old:
            continue
        found = []
        old[source].visititems(lambda path, item: found.append((path, item)) if hasattr(item, "shape") else None)
        for path, item in found:
            new[f"{target}/{path}"] = item[()]
        if found:
            name("new", kind)


def write_layers(group, model, name_of, split=False, **options):
    """A group for each layer, and their names in attributes."""
    names = [layer.name.encode() for layer in model.layers]
    for index, part in enumerate([names[:3], names[3:]] if split else [names]):
        group.attrs[f"layer_names{index}" if split else "layer_names"] = part
    for layer in model.layers:
        own = group.create_group(layer.name)
        weights = [v for v in legacy_weights(layer) if "seed" not in v.path]
        own.attrs["weight_names"] = [name_of(v).encode() for v in weights]
        for variable in weights:
            values = variable.numpy()
            packed = options if values.ndim > 1 else {}
            own.create_dataset(name_of(variable), data=values, **packed)


def write_apart(model):
    """Weights and architecture in two files, as tutorials of Keras 2 and 3 save them."""
    folder = FOLDER / "apart"
    folder.mkdir(exist_ok=True)
    with h5py.File(folder / "chain_weights.h5", "w") as file:
        write_layers(file, model, keras2_name)
    config = {**keras2_config(model), "keras_version": "2.15.0", "backend": "tensorflow"}
    (folder / "chain.json").write_text(json.dumps(config))
    model.save_weights(folder / "numbered.weights.h5")
    (folder / "numbered.json").write_text(json.dumps({**json.loads(model.to_json()), "keras_version": keras.__version__}))


KERAS1_CHAIN = {
    "Convolution2D": lambda c: {
        "name": c["name"],
        "nb_filter": c["filters"],
        "nb_row": c["kernel_size"][0],
        "nb_col": c["kernel_size"][1],
        "subsample": c["strides"],
        "border_mode": c["padding"],
        "dim_ordering": "tf",
        "activation": c["activation"],
        "bias": c["use_bias"],
        "init": "glorot_uniform",
        "W_regularizer": None,
        **({"batch_input_shape": c["batch_input_shape"]} if "batch_input_shape" in c else {}),
    },
    "BatchNormalization": lambda c: {
        "name": c["name"],
        "mode": 0,
        "axis": -1,
        "epsilon": c["epsilon"],
        "momentum": 0.99,
    },
    "MaxPooling2D": lambda c: {
        "name": c["name"],
        "pool_size": c["pool_size"],
        "strides": c["strides"],
        "border_mode": c["padding"],
        "dim_ordering": "tf",
    },
    "Dropout": lambda c: {"name": c["name"], "p": c["rate"]},
    "Flatten": lambda c: {"name": c["name"]},
    "Dense": lambda c: {
        "name": c["name"],
        "output_dim": c["units"],
        "activation": c["activation"],
        "bias": True,
        "init": "glorot_uniform",
        "input_dim": None,
    },
}


def keras1():
    return keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            L.Conv2D(6, 3, padding="same", activation="relu", name="convolution2d_1"),
            L.BatchNormalization(name="batchnormalization_1"),
            L.MaxPooling2D(name="maxpooling2d_1"),
            L.Conv2D(8, 3, strides=2, activation="relu", name="last"),
            L.Dropout(0.5, name="dropout_1"),
            L.Flatten(name="flatten_1"),
            L.Dense(4, activation="softmax", name="dense_1"),
        ],
        name="sequential_1",
    )


def keras1_config(model):
    layers = []
    for layer in as_keras2(json.loads(model.to_json()))["config"]["layers"]:
        if layer["class_name"] == "InputLayer":
            shape = layer["config"]["batch_input_shape"]
            continue
        name = {"Conv2D": "Convolution2D"}.get(layer["class_name"], layer["class_name"])
        first = {"batch_input_shape": shape} if not layers else {}
        layers.append({"class_name": name, "config": KERAS1_CHAIN[name]({**layer["config"], **first})})
    return {"class_name": "Sequential", "config": layers}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.rglob("*"):
        if old.is_file() and old.suffix != ".md":
            old.unlink()
    random = np.random.default_rng(21)
    picture = random.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    x = picture[None].astype("float32") / 255
    expected = {"picture": uint8(picture), "nets": {}}
    for name, build in {**NETS, "keras1": keras1}.items():
        keras.backend.clear_session()
        model = build()
        fill(model, random)
        expected["nets"][name] = explain(model, x)
        if name == "keras1":
            write_h5(FOLDER / "keras1.h5", model, keras1_config(model), None, keras1_name)
            config = keras2_config(model)
            write_h5(FOLDER / "keras1.latest.h5", model, config, b"2.15.0", keras2_name, libver="latest")
            continue
        model.save(FOLDER / f"{name}.keras")
        model.save(FOLDER / f"{name}.h5")
        if name != "branches":  # An operator and groups, which Keras 2 wrote in other words.
            config = keras2_config(model)
            write_h5(FOLDER / f"{name}.keras2.h5", model, config, b"2.15.0", keras2_name, split=True)
            write_keras213(FOLDER / f"{name}.keras", FOLDER / f"{name}.keras213.keras", config)
        if name == "nested":
            write_h5(FOLDER / "nested.renamed.h5", model, keras2_config(model), b"2.15.0", stale_name)
        if name == "sequential":
            model.save_weights(FOLDER / "alone.weights.h5")
            write_apart(model)
            packed = {"chunks": True, "compression": "gzip", "shuffle": True, "fletcher32": True}
            config = keras2_config(model)
            write_h5(FOLDER / "sequential.packed.h5", model, config, b"2.15.0", keras2_name, **packed)
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
