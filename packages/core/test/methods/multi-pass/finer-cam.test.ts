import { describe, expect, test } from 'vitest';
import { computeFinerCam, computeFinerSeed } from '../../../src/methods/multi-pass/finer-cam.ts';
import { computeGradCam } from '../../../src/methods/grid/grad-cam.ts';
import { batchItem } from '../../../src/base/nd-array.ts';
import { openTinyNet } from '../passes/tiny-net.ts';
import { expectClose } from '../../helper/closeness.ts';

const logits = [5, 1, 4.5, 7, 4];

function finer(of: Parameters<typeof computeFinerSeed>[0]['of'], options = {}) {
  const { gradient, references } = computeFinerSeed({ score: 'logit', of }, logits, options);
  return { gradient: [...gradient], references };
}

describe('the score of Finer-CAM: z_c - 0.6 mean z_d', () => {
  const fifth = Math.fround(-0.6 / 3);

  test('of a class: the three classes with the nearest logits', () => {
    expect(finer({ class: 0 })).toEqual({
      gradient: [1, 0, fifth, fifth, fifth],
      references: [2, 4, 3],
    });
    expect(finer({ rank: 1 })).toEqual(finer({ class: 0 }));
  });

  test('of a negative: all of it turned', () => {
    expect(finer({ not: 0 }).gradient).toEqual([-1, 0, -fifth, -fifth, -fifth]);
  });

  test('of a contrast: the class that it names', () => {
    expect(finer({ contrast: [1, 3] })).toEqual({
      gradient: [0, 1, 0, Math.fround(-0.6), 0],
      references: [3],
    });
  });

  test('with another strength and number of classes', () => {
    expect(finer({ class: 1 }, { strength: 1, references: 2 })).toEqual({
      gradient: [0, 1, -0.5, 0, -0.5],
      references: [4, 2],
    });
  });

  test('of the only class there is: its logit', () => {
    const seed = { score: 'logit', of: { class: 0 } } as const;
    expect(computeFinerSeed(seed, [3])).toEqual({ gradient: Float32Array.of(1), references: [] });
  });

  test.each([
    [{ score: 'probability', of: { class: 0 } }, {}, 'unsupported'],
    [{ score: 'logit', of: { scalar: { name: 'sum', score: () => 0 } } }, {}, 'unsupported'],
    [{ score: 'logit', of: { class: 0 } }, { strength: -1 }, 'argument'],
    [{ score: 'logit', of: { class: 0 } }, { references: 0 }, 'argument'],
  ] as const)('refuses %j with %j', (seed, options, kind) => {
    expect(() => computeFinerSeed(seed, logits, options)).toThrow(
      expect.objectContaining({ kind }),
    );
  });
});

test('with strength 0 it is Grad-CAM', async () => {
  const { input, expected, session } = await openTinyNet('flat', 'cpu');
  const seeds = expected.classes.map(
    (index) => ({ score: 'logit', of: { class: index } }) as const,
  );
  const layer = 'relu';
  const found = await computeFinerCam(session, input, { layer, seeds, strength: 0 });
  const run = await session.run({
    inputs: { [session.network.inputs[0]!]: input },
    outputs: [layer],
    gradient: { seeds, wrt: [layer], relu: 'plain' },
  });
  session.dispose();
  const activations = batchItem(run.outputs.get(layer)!, 0);
  found.forEach(({ map }, s) => {
    const gradients = batchItem(run.gradients[s]!.get(layer)!, 0);
    expectClose(map, computeGradCam({ activations, gradients }));
  });
});
