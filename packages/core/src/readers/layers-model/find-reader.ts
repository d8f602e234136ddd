import type { LayerRecord } from './keras-topology.ts';
import { countStepsBothWays } from './layers/bidirectional.ts';
import type { LayerReader, Value } from './layers/layer-reader.ts';
import { layerReaders } from './layers/layer-readers.ts';
import { countSteps } from './layers/find-cells.ts';
import { isOfEachStep } from './layers/time-distributed.ts';
import type { ModelWriter } from './model-writer.ts';

/** The reader of a layer. */
export interface FoundReader {
  readonly reader: LayerReader;
  /** The steps of a recurrent layer, each of which is written as a layer of its own would be; else 0. */
  readonly steps: number;
}

/**
 * Finds the reader of a layer's class; undefined where only a library can compute the layer. CenterCrop of
 * tfjs samples between cells, unlike that of Keras. Some recurrent layers have cells of their own, or too
 * many steps.
 */
export function findReader(
  { className, config }: LayerRecord,
  inputs: readonly Value[],
  writer: ModelWriter,
): FoundReader | undefined {
  const reader = layerReaders.get(className);
  const shape = inputs[0]?.shape ?? [];
  const isForeign =
    (className === 'CenterCrop' && writer === 'tfjs') ||
    (className === 'TimeDistributed' && !isOfEachStep(config, shape)) ||
    (className === 'Masking' && shape.length !== 2);
  const [length = 0] = shape;
  const steps =
    className === 'Bidirectional'
      ? countStepsBothWays(config, length)
      : recurrent.has(className)
        ? countSteps(className, config, length)
        : 0;
  return isForeign || steps === null || reader === undefined ? undefined : { reader, steps };
}

const recurrent: ReadonlySet<string> = new Set(['GRU', 'LSTM', 'RNN', 'SimpleRNN']);
