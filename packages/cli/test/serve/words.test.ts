import type { CaptionText, ResultLine } from '@gradcam/core';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, asked, captions, encodePixels, writing } from '../words/word-nets.ts';
import { startServe, type Refusal, type Serving } from './start-serve.ts';

const START_MS = 120_000;
const models = mkdtempSync(path.join(tmpdir(), 'gradcam-serve-words-'));

let serving: Serving;
let picture: Buffer<ArrayBuffer>;
let told: Buffer<ArrayBuffer>;
beforeAll(async () => {
  cpSync(answering, path.join(models, 'vqa'), { recursive: true });
  cpSync(path.dirname(writing), path.join(models, 'captions'), { recursive: true });
  [picture, told] = await Promise.all([encodePixels(asked.pixels), encodePixels(captions.pixels)]);
  serving = await startServe(['--models', models, '--threads', '1']);
}, START_MS);
afterAll(async () => {
  await serving?.stop();
  rmSync(models, { recursive: true, force: true });
}, START_MS);

interface Answered {
  readonly status: number;
  readonly body: ResultLine & Refusal;
}

async function send(query: Readonly<Record<string, string>>, bytes = picture): Promise<Answered> {
  const response = await fetch(`${serving.url}/v1/explain?${new URLSearchParams(query)}`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: bytes,
  });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

async function sendForm(fields: Readonly<Record<string, string>>): Promise<Answered> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('image', new Blob([picture]), 'asked.png');
  const response = await fetch(`${serving.url}/v1/explain`, { method: 'POST', body: form });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

describe('a question', () => {
  test.each(asked.asked)('in the address: $question', async ({ question, answer }) => {
    const { status, body } = await send({ model: 'vqa', ask: question });
    expect(body.error).toBeUndefined();
    expect(status).toBe(200);
    expect(body.text).toEqual({ question, answer });
    expect(body.explanations[0]!.target.label).toBe(answer);
  });

  test('as a field and as JSON of a form', async () => {
    const { question, answer } = asked.asked[0]!;
    const field = await sendForm({ model: 'vqa', ask: question });
    const json = await sendForm({ options: JSON.stringify({ model: 'vqa', ask: question }) });
    for (const { status, body } of [field, json]) {
      expect(status).toBe(200);
      expect(body.text).toEqual({ question, answer });
    }
  });

  test('several at the same time: each gets its own answer', async () => {
    const many = [...asked.asked, ...asked.asked, ...asked.asked];
    const answers = await Promise.all(
      many.map(({ question }) => send({ model: 'vqa', ask: question })),
    );
    expect(answers.map(({ body }) => body.text)).toEqual(
      many.map(({ question, answer }) => ({ question, answer })),
    );
  });

  test('a word that the model does not know is said', async () => {
    const { body } = await send({ model: 'vqa', ask: 'how many zebras' });
    expect(body.notes).toContainEqual(expect.stringContaining("'zebras' as [UNK]"));
  });
});

describe('a caption', () => {
  test("the model's own, with the log-probability of each word", async () => {
    const { status, body } = await send({ model: 'captions', caption: 'true', beams: '3' }, told);
    expect(body.error).toBeUndefined();
    expect(status).toBe(200);
    const text = body.text as CaptionText;
    const { words, logProbability } = captions.written['beams 3']!;
    expect(text).toMatchObject({ by: 'model' });
    expect(text.caption.map(({ word }) => word)).toEqual(words);
    expect(text.logProbability).toBeCloseTo(logProbability, 4);
    expect(body.explanations.map(({ target }) => target.place)).toEqual([
      ...words.map((_, i) => i + 1),
      undefined,
    ]);
    expect(text.caption[0]!.explanation).toBe(0);
  });

  test('a given one, beside what the model would say', async () => {
    const target = 'sentence';
    const { body } = await send({ model: 'captions', say: captions.caption, target }, told);
    expect(body.text).toMatchObject({
      by: 'user',
      own: { caption: captions.written['beams 1']!.words.join(' ') },
    });
    expect(body.explanations).toHaveLength(1);
    expect(body.explanations[0]!.score).toBeCloseTo(captions.sentence.score, 4);
  });
});

test.each([
  [
    'nothing asked',
    { model: 'vqa' },
    'model question answers questions about a picture; give one in the option ask',
  ],
  [
    'nothing said',
    { model: 'captions' },
    'model caption writes captions; let it write one with caption=true, or give one in the option say',
  ],
  ['an empty question', { model: 'vqa', ask: '' }, "ask: expected words, found none in ''"],
  ['emoji', { model: 'vqa', ask: '🐶' }, "ask: expected words, found none in '🐶'"],
  [
    'a caption of a model that answers',
    { model: 'vqa', caption: 'true' },
    'caption: model question answers questions and writes no captions',
  ],
  [
    'a question to a model that writes',
    { model: 'captions', ask: 'what' },
    'ask: model caption writes captions and answers no questions; give a caption',
  ],
  ['both', { model: 'vqa', ask: 'a', say: 'b' }, 'ask and say exclude each other; give one'],
  ['beams alone', { model: 'vqa', ask: 'a', beams: '2' }, 'beams needs caption or say'],
  ['65 beams', { model: 'captions', caption: 'true', beams: '65' }, 'beams takes numbers <= 64'],
  [
    'a long caption',
    { model: 'captions', say: 'a a a a a a' },
    'say: expected at most 5 words, as the model writes no more, found 6',
  ],
  [
    'too many maps',
    {
      model: 'captions',
      caption: 'true',
      method: new Array(10).fill('grad-cam').join(','),
    },
    'a request may ask for 64',
  ],
  [
    'a word that the caption lacks',
    { model: 'captions', say: 'a dog', target: 'car' },
    "target car: the caption 'a dog' has no such word",
  ],
] as const)('%s is refused in one line', async (_, query, message) => {
  const { status, body } = await send(query, told);
  expect(body.error?.message).toContain(message);
  expect(body.error.message).not.toContain('\n');
  expect(status).toBe(400);
});

test('a question of 12,000 characters in a form is refused', async () => {
  const { status, body } = await sendForm({ model: 'vqa', ask: 'dog '.repeat(3000) });
  expect(status).toBe(400);
  expect(body.error.message).toMatch(/^ask must NOT have more than 10000 characters/);
});

test('the list of a model says what it reads', async () => {
  const response = await fetch(`${serving.url}/v1/models/vqa`);
  expect(await response.json()).toMatchObject({ text: { role: 'question', length: 8, words: 17 } });
});
