import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.ts';
import { loadModel } from '../../src/model/model.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import { expectClose } from '../helper/closeness.ts';
import { mainHead } from '../../src/network/network.ts';
import { outputKindOf } from '../../src/network/output-kind.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray } from '../helper/fixture.ts';
import { netNames, readNetFixture } from '../helper/net-fixture.ts';

/** As in `engine/nets.test.ts`. */
const WHOLE_NET = 2e-5;

describe.each(['wasm', 'onnx'] as const)('from the files to the map on %s', (backend) => {
  test.each(netNames)('%s: Grad-CAM of each class as by TensorFlow', async (name) => {
    const { expected, inputs, nodeOf } = await readNetFixture(name);
    const folder = fileURLToPath(new URL(`../fixtures/nets/${name}`, import.meta.url));
    const engine = await createEngine(backend);
    const { image, ...others } = inputs;
    // The oracle gives 0..255 to nets that rescale by themselves, and -1..1 to the others.
    const inputRange = image!.data.some((value) => value > 1) ? '0..255' : '-1..1';
    const [, height, width] = image!.shape as [number, number, number];
    const data = Uint8Array.from(image!.data, (value) =>
      Math.round(inputRange === '0..255' ? value : (value + 1) * 127.5),
    );
    const model = await loadModel(openModelFolder(folder), { engine, inputRange });
    const layers = Object.keys(expected.activations).map(
      (layer) => [...model.network.layers].find(([, node]) => node === nodeOf(layer))![0],
    );
    const picture = { width, height, channels: 3, data } as const;
    // The oracle's class 0 of a single sigmoid is what it says, which is class 1 of two here.
    const isBinary = outputKindOf(mainHead(model.network)) === 'binary';
    const targets = expected.classes.map((index) => (isBinary ? 1 : index));
    const { explanations } = await explain(model, picture, { layers, targets, inputs: others });
    const wanted = expected.classes.flatMap((index) =>
      Object.keys(expected.activations).map((layer) => expected.maps[`${layer}@${index}`]!),
    );
    expect(explanations).toHaveLength(wanted.length);
    wanted.forEach((maps, i) => {
      const map = decodeArray(maps['gradCam']!);
      expectClose(explanations[i]!.raw, map, WHOLE_NET, maps.scales['gradCam']);
    });
    model.dispose();
  });
});
