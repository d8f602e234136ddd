import { expect, test } from 'vitest';
import { encodeModel } from '../../src/engines/onnx/proto/onnx-model.ts';
import { describeModel } from '../../src/model/describe-model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { node } from '../helper/hand-made-onnx.ts';

/** As skl2onnx writes a classifier: its operator takes rows of features. */
const classifier = (type: string): Uint8Array =>
  encodeModel({
    name: 'classifier',
    graph: {
      nodes: [{ ...node(type, ['float_input'], ['probabilities']), domain: 'ai.onnx.ml' }],
      initializers: [],
      inputs: [{ name: 'float_input', type: 'float32', shape: ['n', 380] }],
      outputs: [{ name: 'probabilities', type: 'float32', shape: ['n', 5] }],
    },
    domains: { 'ai.onnx.ml': 1 },
  });

test.each(['SVMClassifier', 'TreeEnsembleClassifier', 'LinearClassifier', 'SVMRegressor'])(
  'a model of scikit-learn is refused by what it takes: %s',
  async (type) => {
    await expect(describeModel(openOnnxFile(classifier(type)))).rejects.toThrow(
      `the model takes features, float_input [380], and not a picture: it is a ${type}, as scikit-learn's are written`,
    );
  },
);
