import { methods } from '@gradcam/core';
import { expect, test } from 'vitest';
import { methodTitle } from '../src/text/format.ts';

const names = methods.flatMap(({ name, aliases = [], title }) =>
  [name, ...aliases].map((one) => [one, title] as const),
);

test.each(names)('%s is called %s', (name, title) => {
  expect(methodTitle(name)).toBe(title);
});
