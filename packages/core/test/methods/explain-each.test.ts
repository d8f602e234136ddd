import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import type { Session } from '../../src/engines/port/engine.ts';
import type { Seed } from '../../src/engines/port/seed.ts';
import { runModel } from '../../src/explain/run-model.ts';
import { explainEach } from '../../src/methods/explain-each.ts';
import type { Method, MethodContext } from '../../src/methods/method.ts';
import { ablationCam } from '../../src/methods/multi-pass/ablation-cam.ts';
import { rise } from '../../src/methods/multi-pass/rise.ts';
import { scoreCam } from '../../src/methods/multi-pass/score-cam.ts';
import { methods } from '../../src/methods/registry.ts';
import { camScale, expectClose } from '../helper/closeness.ts';
import { decodeArray } from '../helper/fixture.ts';
import { openTinyNet } from './passes/tiny-net.ts';

const withOwnPasses = methods.filter(({ passes }) => passes === 'own');
/** CAM presumes the net with a mean; the net of these tests has none. */
const anywhere = methods.filter(({ presumes }) => presumes === undefined);
const named = anywhere.map((method) => [method.name, method] as const);

async function contextOf(
  session: Session,
  input: NdArray,
  seeds: readonly Seed[],
  nodes: readonly string[] = ['relu'],
): Promise<MethodContext> {
  const shared = await runModel(session, input, { seeds, nodes, methods: anywhere });
  return { session, input, layer: 'relu', seeds, shared, runs: 3 };
}

describe('every method', () => {
  test.each(named)('%s gives a map for each seed in the form it states', async (_, method) => {
    const { input, seeds, session } = await openTinyNet('flat', 'cpu');
    const maps = await method.explain(await contextOf(session, input, seeds));
    session.dispose();
    const grid = method.usesLayer ? [5, 4] : [7, 6];
    const shape = method.map === 'pixels' ? [7, 6, 2] : grid;
    expect(maps.map(({ map }) => map.shape)).toEqual([shape, shape]);
    expect(maps[0]!.map.data.some((value) => value !== 0)).toBe(true);
    // In a net of so few cells, the walks of CNN-Fixations end at the same pixel.
    const isAlike = ['eigen-cam', 'random-cam', 'cnn-fixations'].includes(method.name);
    if (!isAlike) expect(maps[0]!.map).not.toEqual(maps[1]!.map);
  });

  test.each(named)('%s explains a rank as the class that has it', async (_, method) => {
    const { input, expected, session } = await openTinyNet('flat', 'cpu');
    const explain = async (of: { rank: number } | { class: number }) =>
      method.explain(await contextOf(session, input, [{ score: 'logit', of }]));
    expect(await explain({ rank: 0 })).toEqual(await explain({ class: expected.classes[0] }));
    session.dispose();
  });
});

describe('many methods', () => {
  test('are computed once for each node, or once at all, and report their progress', async () => {
    const { input, expected, seeds, session } = await openTinyNet('flat', 'cpu');
    const finished: string[] = [];
    const conv = session.network.layers.get('conv')!;
    const nodes = ['relu', conv];
    const context = await contextOf(session, input, seeds, nodes);
    const explain = (method: Method, layer: string): ReturnType<Method['explain']> =>
      method.explain({
        ...context,
        layer,
        runs: 2,
        onProgress: ({ done, total }) => {
          if (done === total) finished.push(`${method.name}@${layer}`);
        },
      });
    const findMap = await explainEach({ methods: withOwnPasses, nodes }, explain);
    session.dispose();
    const atLayers = withOwnPasses.filter(({ usesLayer }) => usesLayer);
    expect(finished).toHaveLength(withOwnPasses.length + atLayers.length);
    const stored = expected.ablationCam.logit[1]!;
    const weights = decodeArray(stored.weights).data;
    const scale = camScale(decodeArray(expected.activations), (_, k) => weights[k]!);
    // The tolerance of the tests of Ablation-CAM: differences of logits, divided by a score.
    expectClose(findMap(1, ablationCam, 'relu').map, decodeArray(stored.map), 3e-5, scale);
    expect(findMap(0, scoreCam, conv).map).not.toEqual(findMap(0, scoreCam, 'relu').map);
    expect(findMap(0, rise, conv)).toBe(findMap(0, rise, 'relu'));
    expect(() => findMap(0, scoreCam, 'elsewhere')).toThrow('no map of score-cam at elsewhere');
  });

  test('stop when aborted', async () => {
    const { input, seeds, session } = await openTinyNet('flat', 'cpu');
    const controller = new AbortController();
    const context = {
      ...(await contextOf(session, input, seeds)),
      ...{ signal: controller.signal, batch: 1, onProgress: () => controller.abort() },
    };
    const work = explainEach({ methods: withOwnPasses, nodes: ['relu'] }, (method) =>
      method.explain(context),
    );
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    session.dispose();
  });
});
