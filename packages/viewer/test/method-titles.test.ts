import { methods } from '@gradcam/core';
import { expect, test } from 'vitest';
import { methodTitle } from '../src/text/format.ts';

test.each(methods.map(({ name, title }) => [name, title]))('%s is called %s', (name, title) => {
  expect(methodTitle(name)).toBe(title);
});
