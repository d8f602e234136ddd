import { expect, test } from 'vitest';
import { hasMeanAndLinearHead } from '../../src/network/linear-head.ts';
import { readNetFixture } from '../helper/net-fixture.ts';

test.each([
  ['mobilenet-like', 'pw_3_relu', true],
  ['mobilenet-like', 'pw_2_relu', false],
  ['nested-residual', 'top_relu', true],
  ['nested-residual', 'pool', false],
  ['fused-sequential', 'pool3', false],
  ['squeeze-excite', 'mixed_relu', true],
  ['two-inputs', 'conv2_relu', false],
] as const)('%s at %s: %s', async (net, layer, expected) => {
  const { network, nodeOf } = await readNetFixture(net);
  expect(hasMeanAndLinearHead(network, nodeOf(layer))).toBe(expected);
});
