import { expect, test } from 'vitest';
import { chooseBatch } from '../../src/explain/choose-batch.ts';
import type { Network } from '../../src/network/network.ts';
import { readNetFixture } from '../helper/net-fixture.ts';

const model = async (change: (network: Network) => Network = (same) => same) => {
  const { network } = await readNetFixture('nested-residual');
  const last = network.nodes.filter(({ shape }) => shape.length === 3).at(-1)!;
  const [layer] = [...network.layers].find(([, node]) => node === last.name)!;
  return { network: change(network), endpoints: {}, defaultLayer: layer };
};

test('eight images share a pass where nothing speaks against it', async () => {
  expect(chooseBatch(await model(), {}).batch).toBe(8);
  expect(chooseBatch(await model(), { methods: ['eigen-cam'] }).batch).toBe(8);
  expect(chooseBatch(await model(), {}, 3).batch).toBe(3);
});

test('images that are too large for eight are fewer', async () => {
  // 1024 x 1024 x 16 floats are 64 MiB, as input and as output of a layer 128 MiB: two fit into 256 MiB.
  const wide = (network: Network): Network => ({
    ...network,
    nodes: network.nodes.map((node, i) => (i === 1 ? { ...node, shape: [1024, 1024, 16] } : node)),
  });
  const { batch, reason } = chooseBatch(await model(wide), { methods: ['eigen-cam'] });
  expect([batch, reason]).toEqual([2, 'the activations take 128 MiB for each image']);
});

test('one image at a time where it fills the passes, or where a batch may compute something else', async () => {
  expect(chooseBatch(await model(), { methods: ['grad-cam', 'rise'] }, 4)).toMatchObject({
    batch: 1,
    reason: expect.stringContaining('rise'),
  });
  expect(chooseBatch(await model(), { methods: ['guided-backprop'] }).batch).toBe(1);
  expect(chooseBatch(await model(), { methods: ['guided-backprop'] }, 4).batch).toBe(4);
  const alone = { ...(await model()), oneAtATime: 'a node mixes the batch' };
  expect(chooseBatch(alone, {}, 4)).toEqual({ batch: 1, reason: 'a node mixes the batch' });
  const foreign = (network: Network): Network => ({
    ...network,
    nodes: network.nodes.map((node, i) =>
      i === 1
        ? {
            ...node,
            op: {
              ...{ kind: 'opaque', by: 'tfjs-layers', layer: 'norm', className: 'BatchStatistics' },
              ...{ config: {}, inputShapes: [], output: 0 },
            } as never,
          }
        : node,
    ),
  });
  const { batch, reason } = chooseBatch(await model(foreign), {}, 4);
  expect(batch).toBe(1);
  expect(reason).toContain('norm (BatchStatistics)');
});
