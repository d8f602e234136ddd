import { expect, test } from 'vitest';
import { rankChannels } from '../../../src/methods/grid/channels.ts';
import { computeGradCam } from '../../../src/methods/grid/grad-cam.ts';
import { array, channelsLast } from '../../helper/array.ts';

/** Four channels of two cells; sums 4, 1, 0, 6; mean gradients 1, -2, 5, 0.5. */
const activations = channelsLast([[[1, 3]], [[1, 0]], [[0, 0]], [[2, 4]]]);
const gradients = channelsLast([[[0, 2]], [[-2, -2]], [[5, 5]], [[1, 0]]]);

test('lists channels by what they add to the map, for and against', () => {
  const { top, bottom } = rankChannels({ activations, gradients }, 5);
  expect(top).toEqual([
    { channel: 0, weight: 1, contribution: 4 },
    { channel: 3, weight: 0.5, contribution: 3 },
  ]);
  expect(bottom).toEqual([{ channel: 1, weight: -2, contribution: -2 }]);
});

test('contributions add up to the sum of the raw map', () => {
  const { top, bottom } = rankChannels({ activations, gradients }, 5);
  const total = [...top, ...bottom].reduce((sum, { contribution }) => sum + contribution, 0);
  const map = computeGradCam({ activations, gradients });
  expect(total).toBe(map.data.reduce((sum, value) => sum + value, 0));
});

test('no more than asked for, equal ones by channel', () => {
  const same = array([[[1, 1, 1]]]);
  const { top, bottom } = rankChannels({ activations: same, gradients: same }, 2);
  expect(top.map(({ channel }) => channel)).toEqual([0, 1]);
  expect(bottom).toEqual([]);
});

test('takes other weights', () => {
  const { top } = rankChannels({ activations, gradients }, 1, [0, 0, 9, 1]);
  expect(top).toEqual([{ channel: 3, weight: 1, contribution: 6 }]);
});
