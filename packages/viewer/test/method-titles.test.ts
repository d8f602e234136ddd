import { methods } from '@gradcam/core';
import { expect, test } from 'vitest';
import { methodTitle } from '../src/text/format.ts';

// A run holds a method's own name, whatever it was asked for by.
const names = methods.map(({ name, title }) => [name, title] as const);

test.each(names)('%s is called %s', (name, title) => {
  expect(methodTitle(name)).toBe(title);
});
