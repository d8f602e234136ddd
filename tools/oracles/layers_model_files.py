"""Writes a Keras model as a tfjs LayersModel: topology JSON of Keras 3 or Keras 2, manifest, one shard."""

import json

import keras
import numpy as np


NEW_IN_KERAS3 = {"module", "registered_name", "build_config", "compile_config", "optional"}
NEW_IN_KERAS3 |= {"input_axes", "output_axes", "renorm", "renorm_clipping", "renorm_momentum"}


def write_layers_model(folder, model, form):
    config = json.loads(model.to_json())
    if form == "keras2":
        config = as_keras2(config)
    version = keras.__version__ if form == "keras3" else "2.15.0"
    weights = list(named_weights(model))
    manifest = [{"name": n, "shape": list(a.shape), "dtype": "float32"} for n, a in weights]
    shard = "group1-shard1of1.bin"
    (folder / shard).write_bytes(b"".join(array.astype("<f4").tobytes() for _, array in weights))
    value = {
        "format": "layers-model",
        "generatedBy": f"keras v{version}",
        "convertedBy": None,
        "modelTopology": {
            "keras_version": version,
            "backend": "tensorflow",
            "model_config": config,
        },
        "weightsManifest": [{"paths": [shard], "weights": manifest}],
    }
    (folder / "model.json").write_text(json.dumps(value, indent=1) + "\n")


def named_weights(model):
    """(name, array): `layer/weight`, also for layers of a model within the model."""
    for layer in flat_layers(model):
        for variable in layer.weights:
            yield f"{layer.name}/{weight_name(layer, variable)}", np.asarray(variable)


def weight_name(layer, variable):
    """As a manifest has it: a depthwise layer's kernel kept the name that Keras 2 gave it, and weights of
    layers within a layer (cells, wrapped layers) have its name in theirs."""
    if isinstance(layer, keras.layers.Bidirectional):
        directions = (layer.forward_layer, layer.backward_layer)
        inner = next(one for one in directions if any(variable is own for own in one.weights))
        return f"{inner.name}/{inner.cell.name}/{variable.name}"
    if isinstance(layer, (keras.layers.RNN, keras.layers.Wrapper)):
        return variable.path[variable.path.index(f"{layer.name}/") + len(layer.name) + 1 :]
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) and variable.name == "kernel"
    return "depthwise_kernel" if depthwise else variable.name


def flat_layers(model):
    for layer in model.layers:
        yield from flat_layers(layer) if isinstance(layer, keras.Model) else [layer]


def as_keras2(value):
    """The same model in the JSON that Keras 2 wrote: lists for connections, no modules, no policies."""
    if isinstance(value, list):
        return [as_keras2(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    plain = {key: as_keras2(item) for key, item in value.items() if key not in NEW_IN_KERAS3}
    if "batch_shape" in plain:
        plain["batch_input_shape"] = plain.pop("batch_shape")
    if "inbound_nodes" in plain:
        plain["inbound_nodes"] = [_connections(node) for node in value["inbound_nodes"]]
    for key in ("input_layers", "output_layers"):
        # Keras 3 leaves out the outer list where there is one only.
        if plain.get(key) and isinstance(plain[key][0], str):
            plain[key] = [plain[key]]
    return plain


def _connections(node):
    found = []

    def collect(value):
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            found.append([*value["config"]["keras_history"], {}])
        elif isinstance(value, (list, dict)):
            for item in value.values() if isinstance(value, dict) else value:
                collect(item)

    collect(node["args"])
    return found
