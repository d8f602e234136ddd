import { expect, test } from 'vitest';
import { toOneLine } from '../../src/base/printable.ts';

/** 1,200 characters and the mark ` [..] `. */
const LONGEST = 1206;

test('a message of control characters stays one short line, with its beginning and its end', () => {
  const line = toOneLine(`model.onnx: tensor '${'\u0000'.repeat(100_000)}' is not whole`);
  expect(line.length).toBeLessThanOrEqual(LONGEST);
  expect(line).toMatch(/^model\.onnx: tensor '\\u0000.* \[\.\.\] .*\\u0000' is not whole$/);
});

test('a short message is only made printable', () => {
  expect(toOneLine("layer 'a\nb' is missing")).toBe("layer 'a\\nb' is missing");
});
