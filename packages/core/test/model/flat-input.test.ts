import { expect, test } from 'vitest';
import { describeModel } from '../../src/model/describe-model.ts';
import { array } from '../helper/array.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';

/** A net that takes a list of numbers. */
function flatNet(numbers: number) {
  const kernel = array(Array.from({ length: numbers }, () => [0.1, 0.2]));
  const dense = layer('Dense', 'scores', { units: 2, use_bias: false }, { kernel });
  return filesOf(functionalModel([input('flat', numbers), dense]));
}

test('a list of numbers that may be a square picture is refused with what to do', async () => {
  await expect(describeModel(flatNet(784))).rejects.toThrow(
    /found \[784\], 784 numbers; if they are 28x28 pixels, save the model with an input \[28, 28, 1\] and a Flatten/,
  );
});

test('another list of numbers is refused without', async () => {
  await expect(describeModel(flatNet(12))).rejects.toThrow(/found \[12\], 12 numbers$/);
});
