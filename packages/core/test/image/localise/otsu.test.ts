import { describe, expect, test } from 'vitest';
import type { DisplayMap } from '../../../src/image/display-map.ts';
import { findBox, findMaskBox, findOtsuBox } from '../../../src/image/localise/box.ts';
import { fractionMask, otsuMask, thresholdMask } from '../../../src/image/localise/mask.ts';
import { otsuThreshold } from '../../../src/image/localise/otsu.ts';

function mapOf(rows: readonly (readonly number[])[]): DisplayMap {
  return {
    width: rows[0]!.length,
    height: rows.length,
    values: Float32Array.from(rows.flat()),
    visible: new Uint8Array(rows.flat().length).fill(1),
  };
}

describe('Otsu’s threshold', () => {
  test('parts two clusters, just above the lower one', () => {
    // 256 levels of 1: 0 1 2 and 254 255 256, which is held in the last level. Empty levels add
    // nothing, so that the lowest of the equal partings begins at 3.
    expect(otsuThreshold(mapOf([[0, 1, 2, 254, 255, 256]]))).toBe(3);
  });

  test('by hand where clusters are uneven: 0 (six times), 64 (three times), 256', () => {
    // Below | above, n0 n1 (m0 - m1)^2: 6 * 4 * (0 - 447 / 4)^2 = 299 713 and 9 * 1 * (64 / 3 - 255)^2
    // = 491 401: the three of 64 belong to the lower class.
    const map = mapOf([[0, 0, 0, 0, 0, 0, 64, 64, 64, 256]]);
    expect(otsuThreshold(map)).toBe(65);
    expect([...otsuMask(map).data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test('scales with the map', () => {
    const values = [0, 1, 2, 254, 255, 256];
    expect(otsuThreshold(mapOf([values.map((value) => value / 1024 - 1)]))).toBe(3 / 1024 - 1);
  });

  test('looks at what the model saw, and not at the zeros beside', () => {
    const map = mapOf([[0, 0, 0, 0, 256, 257, 511, 512]]);
    map.visible.fill(0, 0, 4);
    expect(otsuThreshold(map)).toBe(258);
  });

  test.each([[[[1, 1]]], [[[0]]]])('of one value %j is null, and the mask empty', (rows) => {
    expect(otsuThreshold(mapOf(rows))).toBeNull();
    expect(otsuMask(mapOf(rows)).data.every((value) => value === 0)).toBe(true);
    expect(findOtsuBox(mapOf(rows))).toBeNull();
  });

  test('of a signed map marks only what speaks for the class', () => {
    // The upper class begins below zero: three of -8, then -1 and 1 and 0.
    expect([...otsuMask(mapOf([[-8, -8, -8, -1, 0, 1]])).data]).toEqual([0, 0, 0, 0, 0, 1]);
  });
});

describe('masks', () => {
  const map = mapOf([
    [0, 0.1, 0.5],
    [0, 0.2, 1],
  ]);

  test('by threshold and by share of the maximum', () => {
    expect([...thresholdMask(map, 0.5).data]).toEqual([0, 0, 1, 0, 0, 1]);
    expect([...fractionMask(map, 0.15).data]).toEqual([0, 0, 1, 0, 1, 1]);
    expect(fractionMask(map, 0.15)).toMatchObject({ width: 3, height: 2 });
  });

  test('hold nothing that the model did not see', () => {
    const blind = { ...map, visible: Uint8Array.of(1, 1, 0, 1, 1, 1) };
    expect([...thresholdMask(blind, 0).data]).toEqual([1, 1, 0, 1, 1, 1]);
  });

  test('are empty of a map without positive values', () => {
    expect([...fractionMask(mapOf([[-1, 0]]), 0.15).data]).toEqual([0, 0]);
  });
});

describe('boxes of masks', () => {
  test('by Otsu is tighter than by 15 % where much is low', () => {
    const map = mapOf([
      [0.2, 0.2, 0.2, 0.2],
      [0.2, 0.9, 1, 0.2],
      [0, 0, 0, 0],
    ]);
    expect(findBox(map)).toEqual({ x: 0, y: 0, width: 4, height: 2 });
    expect(findOtsuBox(map)).toEqual({ x: 1, y: 1, width: 2, height: 1 });
  });

  test('leaves the mask as it was', () => {
    const mask = { width: 2, height: 1, data: Uint8Array.of(0, 1) };
    expect(findMaskBox(mask)).toEqual({ x: 1, y: 0, width: 1, height: 1 });
    expect([...mask.data]).toEqual([0, 1]);
  });
});
