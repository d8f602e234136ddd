import { expect, test } from 'vitest';
import { chooseFormat } from '../src/http/explain/choose-format.ts';

// RFC 9110, section 12.5.1: the most specific range decides the quality of a type.
test.each([
  [undefined, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['image/*', 'png'],
  ['image/webp', 'webp'],
  ['IMAGE/PNG', 'png'],
  ['text/html, image/webp;q=0.9, image/png;q=0.8', 'webp'],
  ['*/*;q=0.1, image/png', 'png'],
  ['image/*, image/png;q=0', 'webp'],
  ['application/json;q=0.5, image/png;q=0.5', 'json'],
])('%s', (accept, format) => {
  expect(chooseFormat(accept)).toBe(format);
});

test.each(['text/html', 'application/json;q=0', 'image/gif', ';;;,', 'image/png;q=two'])(
  '%s is refused',
  (accept) => {
    expect(() => chooseFormat(accept)).toThrow(/Accept takes application\/json/);
  },
);
