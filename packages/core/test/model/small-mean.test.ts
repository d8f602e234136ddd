import { expect, test } from 'vitest';
import type { ModelOverrides } from '../../src/model/description.ts';
import { describeModel } from '../../src/model/describe-model.ts';
import { smallNet } from '../readers/beside/small-net.ts';

// torchvision/transforms writes these for pixels from 0 to 1.
const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];

async function assumedFor(stated: ModelOverrides): Promise<string> {
  const { assumptions } = await describeModel(smallNet(2), stated);
  return assumptions.join('\n');
}

test("PyTorch's mean without a range counts for pixels from 0 to 255, which is said", async () => {
  const { input } = await describeModel(smallNet(2), { mean, std });
  expect(input).toMatchObject({ scale: 1, mean, std });
  expect(await assumedFor({ mean, std })).toContain(
    'the mean 0.485, 0.456, 0.406 counts for pixels from 0 to 255; such small ones are usually for pixels from 0 to 1 (state --input-range 0..1 too)',
  );
});

test.each<[string, ModelOverrides]>([
  ['with a range', { inputRange: '0..1', mean, std }],
  ['of the scale of 0 to 255', { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] }],
  ['of zeros', { mean: [0, 0, 0], std: [255, 255, 255] }],
])('nothing is said of a mean %s', async (_, stated) => {
  expect(await assumedFor(stated)).not.toContain('counts for pixels');
});
