import { expect, test } from 'vitest';
import { createResultsReader } from '../src/run/results-reader.ts';

const encoder = new TextEncoder();

function failed(image: string): string {
  return `${JSON.stringify({ image, error: 'ü' })}\n`;
}

/** A server's file, with what was asked of it. */
function pretendFile({ isWhole = false } = {}) {
  const file = { text: '' as string | null, asked: [] as number[] };
  const read = createResultsReader(async (offset) => {
    file.asked.push(offset);
    if (file.text === null) return null;
    const bytes = encoder.encode(file.text);
    return isWhole ? { bytes, offset: 0 } : { bytes: bytes.subarray(offset), offset };
  });
  const images = async (): Promise<string[]> => (await read()).lines.map(({ image }) => image);
  return { file, images, read };
}

test('each line is read once, as it comes', async () => {
  const { file, images } = pretendFile();
  expect(await images()).toEqual([]);
  file.text = failed('a') + failed('b');
  expect(await images()).toEqual(['a', 'b']);
  const read = encoder.encode(file.text).length;
  file.text += failed('c').slice(0, 12);
  expect(await images()).toEqual(['a', 'b']);
  file.text += failed('c').slice(12);
  expect(await images()).toEqual(['a', 'b', 'c']);
  expect(file.asked).toEqual([0, 0, read, read]);
});

test('a last line without its end counts where it is whole', async () => {
  const { file, images } = pretendFile();
  file.text = failed('a') + failed('b').trimEnd();
  expect(await images()).toEqual(['a', 'b']);
  file.text += '\n';
  expect(await images()).toEqual(['a', 'b']);
});

test('a server without ranges sends the whole file again, and nothing doubles', async () => {
  const { file, images } = pretendFile({ isWhole: true });
  file.text = failed('a');
  expect(await images()).toEqual(['a']);
  file.text += failed('b');
  expect(await images()).toEqual(['a', 'b']);
});

test('a file that is gone holds nothing', async () => {
  const { file, images } = pretendFile();
  file.text = failed('a');
  await images();
  file.text = null;
  expect(await images()).toEqual([]);
});

test('a line that is no result is left out with its number in the file, and hides no other', async () => {
  const { file, images, read } = pretendFile();
  file.text = failed('a') + 'nonsense\n' + failed('b');
  expect(await images()).toEqual(['a', 'b']);
  file.text += '\n{"image":"c"}\n' + failed('d') + '{"ima';
  const { lines, leftOut } = await read();
  expect(lines.map(({ image }) => image)).toEqual(['a', 'b', 'd']);
  expect(leftOut).toEqual([
    'results.jsonl line 2 is not a result: not JSON',
    'results.jsonl line 5 is not a result: sha256: expected 64 hex digits, found nothing',
  ]);
});
