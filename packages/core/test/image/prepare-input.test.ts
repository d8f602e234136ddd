import { describe, expect, test } from 'vitest';
import type { InputDescription } from '../../src/artifact/artifact.ts';
import { compositeOnWhite, prepareInput } from '../../src/image/prepare-input.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';

const plain: InputDescription = {
  width: 2,
  height: 1,
  channelOrder: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fit: 'squash',
  cropFraction: 1,
  resize: 'bilinear-antialias',
  pad: [0, 0, 0],
};

const image: RgbImage = {
  width: 2,
  height: 1,
  channels: 3,
  data: Uint8Array.of(10, 20, 30, 200, 100, 50),
};

function prepare(input: Partial<InputDescription>, picture = image): number[] {
  return [...prepareInput(picture, { ...plain, ...input }).values.data];
}

describe('x = (pixel * scale - mean) / std', () => {
  test('leaves pixels as they are where nothing is to be done', () => {
    const { values } = prepareInput(image, plain);
    expect(values.shape).toEqual([1, 1, 2, 3]);
    expect([...values.data]).toEqual([10, 20, 30, 200, 100, 50]);
  });

  test('scale, then mean, then std, each in its channel', () => {
    expect(prepare({ scale: 0.5, mean: [1, 2, 3], std: [4, 2, 0.5] })).toEqual([
      ...[(5 - 1) / 4, (10 - 2) / 2, (15 - 3) / 0.5],
      ...[(100 - 1) / 4, (50 - 2) / 2, (25 - 3) / 0.5],
    ]);
  });

  test('BGR turns the channels; mean and std are in that order too', () => {
    expect(prepare({ channelOrder: 'bgr', mean: [1, 2, 3] })).toEqual([
      ...[30 - 1, 20 - 2, 10 - 3],
      ...[50 - 1, 100 - 2, 200 - 3],
    ]);
  });
});

describe('letterbox', () => {
  test('fills with the padding colour, which is RGB whatever the order', () => {
    const input = {
      width: 2,
      height: 3,
      fit: 'letterbox',
      pad: [1, 2, 3],
      channelOrder: 'bgr',
    } as const;
    expect(prepare(input)).toEqual([
      ...[3, 2, 1, 3, 2, 1],
      ...[30, 20, 10, 50, 100, 200],
      ...[3, 2, 1, 3, 2, 1],
    ]);
  });
});

describe('alpha is laid over white', () => {
  test('by hand: c * a + 255 * (1 - a), rounded', () => {
    const { channels, data } = compositeOnWhite({
      width: 3,
      height: 1,
      channels: 4,
      data: Uint8Array.of(...[10, 20, 30, 255], ...[0, 100, 255, 128], ...[1, 2, 3, 0]),
    });
    expect(channels).toBe(3);
    // 255 * 127 / 255 = 127; 100 * 128 / 255 + 127 = 177.2
    expect([...data]).toEqual([...[10, 20, 30], ...[127, 177, 255], ...[255, 255, 255]]);
  });

  test('before the resize: a transparent pixel is white to its neighbour', () => {
    const half: RgbImage = {
      width: 2,
      height: 1,
      channels: 4,
      data: Uint8Array.of(...[0, 0, 0, 255], ...[0, 0, 0, 0]),
    };
    expect(prepare({ width: 1 }, half)).toEqual([127.5, 127.5, 127.5]);
  });
});

test('data that does not fit the sizes is refused', () => {
  expect(() => prepare({}, { ...image, width: 3 })).toThrow(
    /3x1 with 3 channels needs 9 bytes, got 6/,
  );
});
