import { describe, expect, test } from 'vitest';
import { runManyMethods } from '../../../src/methods/multi-pass/run-many.ts';
import { ablationCam, runMethods, scoreCam } from '../../../src/methods/multi-pass/run-methods.ts';
import { methods } from '../../../src/methods/registry.ts';
import { openTinyNet } from '../passes/tiny-net.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { camScale, expectClose } from '../../helper/closeness.ts';

describe('the registry of methods of many runs', () => {
  test('has names that are safe in a file and no other method has', () => {
    const others = methods.filter(({ name }) => runMethods.every((one) => one.name !== name));
    const names = [...runMethods, ...others].flatMap(({ name, aliases = [] }) => [
      name,
      ...aliases,
    ]);
    expect(new Set(names).size).toBe(names.length);
    for (const { name } of runMethods) expect(name).toMatch(/^[a-z0-9-]+$/);
  });

  test.each(runMethods.map((method) => [method.name, method] as const))(
    '%s gives a map for each seed in the shape it says',
    async (_, method) => {
      const { input, seeds, session } = await openTinyNet('flat', 'cpu');
      const options = { layer: 'relu', seeds, runs: 3 };
      const maps = await method.computeMaps(session, input, options);
      session.dispose();
      const grid = method.usesLayer ? [5, 4] : [7, 6];
      const shape = method.map === 'pixels' ? [7, 6, 2] : grid;
      expect(maps.map(({ map }) => map.shape)).toEqual([shape, shape]);
      expect(maps[0]!.map.data.some((value) => value !== 0)).toBe(true);
      expect(maps[0]!.map).not.toEqual(maps[1]!.map);
    },
  );

  test.each(runMethods.map((method) => [method.name, method] as const))(
    '%s explains by rank what it explains by class',
    async (_, method) => {
      const { input, expected, session } = await openTinyNet('flat', 'cpu');
      const run = (of: { rank: number } | { class: number }) =>
        method.computeMaps(session, input, {
          layer: 'relu',
          seeds: [{ score: 'logit', of }],
          runs: 3,
        });
      expect(await run({ rank: 0 })).toEqual(await run({ class: expected.classes[0] }));
      session.dispose();
    },
  );
});

describe('many methods of many runs', () => {
  test('run once for each layer, or once at all, and say how far they are', async () => {
    const { input, expected, seeds, session } = await openTinyNet('flat', 'cpu');
    const started: string[] = [];
    const conv = session.network.layers.get('conv')!;
    const mapOf = await runManyMethods(
      session,
      input,
      { seeds, nodes: ['relu', conv], methods: runMethods },
      {
        runs: 2,
        onProgress: ({ method, layer, done, total }) => {
          if (done === total) started.push(`${method}@${layer}`);
        },
      },
    );
    session.dispose();
    const atLayers = runMethods.filter(({ usesLayer }) => usesLayer);
    expect(started).toHaveLength(runMethods.length + atLayers.length);
    const stored = expected.ablationCam.logit[1]!;
    const weights = decodeArray(stored.weights).data;
    const scale = camScale(decodeArray(expected.activations), (_, k) => weights[k]!);
    // As in the suite of Ablation-CAM: differences of logits over a score.
    expectClose(mapOf(1, ablationCam, 'relu').map, decodeArray(stored.map), 3e-5, scale);
    expect(mapOf(0, scoreCam, conv).map).not.toEqual(mapOf(0, scoreCam, 'relu').map);
    const rise = runMethods.at(-1)!;
    expect(mapOf(0, rise, conv)).toBe(mapOf(0, rise, 'relu'));
    expect(() => mapOf(0, scoreCam, 'elsewhere')).toThrow('no run of score-cam at elsewhere');
  });

  test('stop when aborted', async () => {
    const { input, seeds, session } = await openTinyNet('flat', 'cpu');
    const controller = new AbortController();
    const work = runManyMethods(
      session,
      input,
      { seeds, nodes: ['relu'], methods: runMethods },
      { signal: controller.signal, batch: 1, onProgress: () => controller.abort() },
    );
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    session.dispose();
  });
});
