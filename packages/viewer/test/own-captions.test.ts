import type { Model, RgbImage, WrittenCaption } from '@gradcam/core';
import { expect, test } from 'vitest';
import { keepOwnCaptions } from '../src/worker/own-captions.ts';

const imageOf = (): RgbImage => ({ width: 1, height: 1, channels: 3, data: new Uint8Array(3) });
// Nothing of these is looked at.
const [one, other] = [{}, {}] as unknown as [Model, Model];
const { signal } = new AbortController();

test('a model writes once about an image; about another one, and as another model, again', async () => {
  let written = 0;
  const say = keepOwnCaptions(async () => {
    written += 1;
    return { caption: `caption ${written}` } as WrittenCaption;
  });
  const [picture, edited] = [imageOf(), imageOf()];
  const said = async (model: Model, image: RgbImage): Promise<string> =>
    (await say(model, image, signal)).caption;
  expect(await said(one, picture)).toBe('caption 1');
  expect(await said(one, picture)).toBe('caption 1');
  expect(await said(one, edited)).toBe('caption 2');
  expect(await said(one, picture)).toBe('caption 1');
  expect(await said(other, picture)).toBe('caption 3');
  expect(await said(other, picture)).toBe('caption 3');
});

test('a caption that was aborted is written again', async () => {
  let tries = 0;
  const say = keepOwnCaptions(async () => {
    tries += 1;
    if (tries === 1) throw new DOMException('stopped', 'AbortError');
    return { caption: 'a dog' } as WrittenCaption;
  });
  const picture = imageOf();
  await expect(say(one, picture, signal)).rejects.toThrow('stopped');
  expect((await say(one, picture, signal)).caption).toBe('a dog');
});
