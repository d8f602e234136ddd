import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createEngine, tfjsBackends } from '../../helper/engines.ts';
import { expectClose } from '../../helper/closeness.ts';
import { drawInput, plainNet, residualNet } from '../../helper/small-nets.ts';

const model = residualNet();
const network = readNetwork(model.topology, model.specs);
const image = drawInput(network, 3);
const other = drawInput(network, 4);

describe.each(tfjsBackends)('a session on %s', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(backend);
  });

  test('has the name of its backend', () => expect(engine.name).toBe(`tfjs-${backend}`));

  test('a batch is its items: values, gradients, and the seed that each settles itself', async () => {
    const session = await engine.open(network, model.weights);
    const wanted = {
      outputs: ['sum3'],
      gradient: {
        seeds: [{ score: 'probability', of: { rank: 0 } }],
        wrt: ['relu1', 'image'],
        relu: 'plain',
      },
    } as const;
    const alone = [];
    for (const item of [image, other]) {
      alone.push(await session.run({ inputs: { image: item }, ...wanted }));
    }
    const data = Float32Array.of(...image.data, ...other.data);
    const both = await session.run({
      inputs: { image: { shape: [2, ...image.shape.slice(1)], data } },
      ...wanted,
    });
    session.dispose();

    const join = (
      arrays: readonly ({ shape: readonly number[]; data: Float32Array } | undefined)[],
    ) => ({
      shape: [2, ...arrays[0]!.shape.slice(1)],
      data: Float32Array.of(...arrays[0]!.data, ...arrays[1]!.data),
    });
    expectClose(both.logits, join(alone.map(({ logits }) => logits)));
    expectClose(both.outputs.get('sum3'), join(alone.map(({ outputs }) => outputs.get('sum3'))));
    for (const name of ['relu1', 'image']) {
      expectClose(
        both.gradients[0]!.get(name),
        join(alone.map(({ gradients }) => gradients[0]!.get(name))),
      );
    }
    expect(both.seeds[0]!.map(({ classIndex }) => classIndex)).toEqual(
      alone.map(({ seeds }) => seeds[0]![0]!.classIndex),
    );
  });

  test('resumes in the middle with the same logits and gradients', async () => {
    const session = await engine.open(network, model.weights);
    const gradient = {
      seeds: [{ score: 'logit', of: { class: 2 } }],
      wrt: ['pool'],
      relu: 'plain',
    } as const;
    const whole = await session.run({ inputs: { image }, outputs: ['sum3'], gradient });
    const resumed = await session.run({
      from: { layer: 'sum3', value: whole.outputs.get('sum3')! },
      outputs: ['sum3'],
      gradient,
    });
    session.dispose();
    expect([...resumed.logits.data]).toEqual([...whole.logits.data]);
    expect(resumed.outputs.get('sum3')).toEqual(whole.outputs.get('sum3'));
    expect(resumed.gradients[0]!.get('pool')).toEqual(whole.gradients[0]!.get('pool'));
  });

  test('a seed in numbers is the gradient at the logits', async () => {
    const session = await engine.open(network, model.weights);
    const { gradients, seeds, logits } = await session.run({
      inputs: { image },
      outputs: [],
      gradient: {
        seeds: [
          { score: 'logit', of: { contrast: [1, 3] } },
          Float32Array.of(0, 2, 0, -2),
          Float32Array.of(0, 0, 0, 0),
        ],
        wrt: ['relu1', 'predictions/linear'],
        relu: 'plain',
      },
    });
    session.dispose();
    const [contrast, doubled, none] = gradients.map((found) => found.get('relu1')!);
    expectClose(doubled, { ...contrast!, data: contrast!.data.map((value) => value * 2) });
    expect(none!.data.every((value) => value === 0)).toBe(true);
    expect([...gradients[1]!.get('predictions/linear')!.data]).toEqual([0, 2, 0, -2]);
    expect(seeds[0]![0]!.score).toBeCloseTo(logits.data[1]! - logits.data[3]!, 6);
    expect(seeds[1]).toEqual([]);
  });

  test('two sessions do not disturb each other', async () => {
    const plain = plainNet();
    const second = readNetwork(plain.topology, plain.specs);
    const [a, b] = [
      await engine.open(network, model.weights),
      await engine.open(second, plain.weights),
    ];
    const first = await a.run({ inputs: { image }, outputs: [] });
    await b.run({ inputs: { image: drawInput(second, 5) }, outputs: [] });
    b.dispose();
    const again = await a.run({ inputs: { image }, outputs: [] });
    a.dispose();
    expect([...again.logits.data]).toEqual([...first.logits.data]);
  });

  test('frees its weights when the run and the read under way are over, not before', async () => {
    const before = tf.memory().numTensors;
    const wanted = {
      inputs: { image },
      outputs: ['relu1'],
      gradient: {
        seeds: [{ score: 'logit', of: { class: 2 } }],
        wrt: ['image'],
        relu: 'plain',
      },
    } as const;
    const whole = await engine.open(network, model.weights);
    const expected = await whole.run(wanted);
    whole.dispose();

    const session = await engine.open(network, model.weights);
    const [name] = [...model.weights.keys()] as [string];
    const work = [session.run(wanted), session.atOutput!(0).run(wanted)];
    const reading = session.readWeights!([name]);
    session.dispose();
    session.dispose();
    for (const { gradients, outputs } of await Promise.all(work)) {
      expect(gradients[0]).toEqual(expected.gradients[0]);
      expect(outputs).toEqual(expected.outputs);
    }
    expect((await reading).get(name)!.data).toEqual(model.weights.get(name)!.data);
    expect(tf.memory().numTensors).toBe(before);
    await expect(session.run(wanted)).rejects.toThrow('this session has been disposed');
  });

  test('leaves the caller’s numbers alone', async () => {
    const before = Float32Array.from(image.data);
    const session = await engine.open(network, model.weights);
    const { outputs } = await session.run({ inputs: { image }, outputs: ['image', 'relu1'] });
    session.dispose();
    expect(image.data).toEqual(before);
    outputs.get('image')!.data.fill(0);
    expect(image.data).toEqual(before);
  });
});
