import { expect, test } from 'vitest';
import { choosePictureSource } from '../src/run/picture-source.ts';

test('the smallest version that is sharp in its place, else the largest', () => {
  const source = choosePictureSource('./run/', [320, 640]);
  const sides = [1, 196, 320, 321, 640, 641, 2000].map((width) => source(width));
  expect(sides).toEqual([320, 320, 320, 640, 640, 640, 640].map((side) => `./thumbnails/${side}/`));
});

test('the pictures themselves from a server without small versions', () => {
  expect(choosePictureSource('./run/', [])(200)).toBe('./run/');
});
