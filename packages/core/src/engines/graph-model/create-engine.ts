import * as converter from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import { withInputFirst } from '../../network/select-input.ts';
import { oneAtATime } from '../port/one-at-a-time.ts';
import { createTfjsEngine, type TfjsEngineOptions } from '../tfjs/create-engine.ts';
import type { GraphModel } from './execute.ts';
import { readGraphDef } from '../../readers/graph-def/graph-def.ts';
import { readGraphNetwork } from '../../readers/graph-def/read-network.ts';
import { GraphModelSession } from './session.ts';
import { probeShapes, readGraphInputs } from './probe-shapes.ts';

/**
 * Creates an engine for GraphModels. A GraphModel that can be translated into the op set runs as a network
 * on tfjs, with gradients. Any other GraphModel runs on tfjs-converter, which has no gradients: there,
 * methods that need no gradient work at every node with a spatial value.
 *
 * @throws GradcamError `engine` where the backend is missing or does not start.
 */
export async function createGraphModelEngine(options: TfjsEngineOptions = {}): Promise<Engine> {
  const networks = await createTfjsEngine(options);
  const { name: runtime } = networks;
  return {
    ...networks,
    async openGraph(file) {
      const { name, topology, signature, weights, bytes, imageInput, obstacle, ...sizes } = file;
      const def = readGraphDef(topology);
      const artifacts = {
        modelTopology: topology as object,
        weightSpecs: weights as tf.io.WeightsManifestEntry[],
        weightData: bytes,
        signature: signature as object | undefined,
      };
      const model = loadRefusing(artifacts);
      try {
        const notes: string[] = [];
        const inputs = readGraphInputs(model, sizes, notes);
        const { shapes, oneAtATime: isFixed } = await probeShapes(model, def, inputs);
        const network = readGraphNetwork(def, {
          name,
          inputs,
          outputs: model.outputs.map((output) => output.name.replace(/:0$/, '')),
          shapes,
          weights: new Set(weights.map((weight) => weight.name)),
          readPermutation: (constant) => readConstant(model, constant),
          notes,
          obstacle,
        });
        const placed = withInputFirst(network, imageInput);
        const session = new GraphModelSession(model, placed, inputs, runtime);
        return isFixed ? oneAtATime(session) : session;
      } catch (error) {
        model.dispose();
        throw error;
      }
    },
  };
}

/** The whole numbers of a constant of at most 8 values; null for all others. */
function readConstant({ weights }: GraphModel, name: string): readonly number[] | null {
  const tensor = weights[name]?.[0];
  return tensor === undefined || tensor.size > 8 ? null : Array.from(tensor.dataSync());
}

function loadRefusing(artifacts: tf.io.ModelArtifacts): GraphModel {
  try {
    return keepWeights(() => converter.loadGraphModelSync(artifacts));
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError('model', `tfjs-converter does not load the GraphModel: ${reason}`, {
      cause,
    });
  }
}

/** Frees the weights if tfjs refuses the graph. tfjs uploads them first and would not free them itself. */
function keepWeights(load: () => GraphModel): GraphModel {
  let model: GraphModel | undefined;
  tf.tidy(() => {
    model = load();
    for (const weight of Object.values(model.weights).flat()) tf.keep(weight);
  });
  return model!;
}
