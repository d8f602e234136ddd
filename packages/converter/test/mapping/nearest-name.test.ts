import { describe, expect, test } from 'vitest';
import {
  findNearestName,
  measureEditDistance,
  sortByDistance,
} from '../../src/mapping/nearest-name.ts';

describe('nearest names', () => {
  test.each([
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
    ['same', 'same', 0],
  ])('%j and %j are %d apart', (left, right, distance) => {
    expect(measureEditDistance(left, right)).toBe(distance);
  });

  test('are found, unless they are nothing alike', () => {
    const names = ['conv5_3', 'conv5_2', 'pool5'];
    expect(findNearestName('conv53', names)).toBe('conv5_3');
    expect(findNearestName('block4', names)).toBeUndefined();
    expect(sortByDistance('pool4', names)[0]).toBe('pool5');
  });
});
