import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** The model cards of the nets for words state what `demo/words/evaluation.json` holds. */

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');

interface Measured {
  readonly value: number;
  readonly interval95: readonly [number, number];
  readonly cases: number;
}

type Table<Row extends string, Column extends string> = Readonly<
  Record<Row, Readonly<Record<Column, Measured>>>
>;

interface Evaluation {
  readonly 'demo-vqa': {
    readonly scenes: number;
    readonly questions: number;
    readonly accuracy: Table<string, 'net' | 'questionOnly' | 'questionOnlyAtBest'>;
    readonly pointing: Table<string, 'last' | 'block3_unit3_out' | 'imageCentre' | 'randomCell'>;
  };
  readonly 'demo-caption': {
    readonly scenes: number;
    readonly captions: Readonly<Record<string, Measured>>;
    readonly pointing: { readonly nouns: Readonly<Record<string, Measured>> };
  };
}

const evaluation = JSON.parse(read('demo/words/evaluation.json')) as Evaluation;

/** Shares are written with one digit behind the point. */
const ROUNDED = 0.0501;

/** The cells of the row that begins with a text. */
function rowOf(card: string, label: string): string[] {
  const row = card.split('\n').find((line) => line.startsWith(`| ${label} `));
  if (row === undefined) throw new Error(`no row ${label}`);
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** `95.4 % (94.8 to 96.0)`; some cells have no interval. */
function expectShare(cell: string, { value, interval95 }: Measured): void {
  const numbers = [...cell.matchAll(/\d+\.\d/g)].map(([text]) => Number(text));
  const wanted = [value, ...interval95].map((share) => 100 * share);
  expect([1, 3]).toContain(numbers.length);
  for (const [i, number] of numbers.entries()) {
    expect(Math.abs(number - wanted[i]!), cell).toBeLessThan(ROUNDED);
  }
}

function expectFile(card: string, file: string): void {
  const bytes = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)));
  const digest = createHash('sha256').update(bytes).digest('hex');
  expect(card).toContain(`\`${file}\``);
  expect(card).toContain(`${bytes.byteLength} bytes, sha256\n  \`${digest}\``);
}

describe('demo-vqa', () => {
  const card = read('demo/model-cards/demo-vqa.md');
  const { accuracy, pointing, questions, scenes } = evaluation['demo-vqa'];

  test('file, answers and number of questions', () => {
    expectFile(card, 'demo/words/vqa/demo-vqa.keras');
    const { labels } = JSON.parse(read('demo/words/vqa/gradcam.json')) as { labels: string[] };
    expect(card).toContain(`Answers (${labels.length}): ${labels.join(', ')}.`);
    expect(card).toContain(`${questions} questions about ${scenes} scenes`);
  });

  test.each([
    ['all', 'all'],
    ['is there a ..?', 'is there'],
    ['how many .. are there?', 'how many'],
    ['what is left of the ..? (right, above, below)', 'where'],
    ['what colour is the ..?', 'colour'],
  ])('right answers: %s', (label, name) => {
    const [, cases, net, alone, best] = rowOf(card, label);
    const measured = accuracy[name]!;
    expect(Number(cases)).toBe(measured.net.cases);
    expectShare(net!, measured.net);
    expectShare(alone!, measured.questionOnly);
    expectShare(best!, measured.questionOnlyAtBest);
  });

  test.each([
    ['a number: any of the objects', 'how many'],
    ['an object: that object', 'where'],
    ['a colour: the object asked about', 'colour'],
    ['"yes": the object', 'is there'],
  ])('pointing game: %s', (label, name) => {
    const [, cases, last, block, centre, random] = rowOf(card, label);
    const measured = pointing[name]!;
    expect(Number(cases)).toBe(measured.last.cases);
    expectShare(last!, measured.last);
    expectShare(block!, measured.block3_unit3_out);
    expectShare(centre!, measured.imageCentre);
    expectShare(random!, measured.randomCell);
  });

  test('every measured kind of question has its row', () => {
    expect(Object.keys(accuracy).sort()).toEqual([
      'all',
      'colour',
      'how many',
      'is there',
      'where',
    ]);
    expect(Object.keys(pointing).sort()).toEqual(['colour', 'how many', 'is there', 'where']);
  });
});

describe('demo-caption', () => {
  const card = read('demo/model-cards/demo-caption.md');
  const { captions, pointing, scenes } = evaluation['demo-caption'];
  const rows = {
    wellFormed: 'sentences that have the form',
    namedObjectsPresent: 'named objects that are in the scene',
    namedNumbersRight: 'named objects whose number is right',
    namedColoursRight: 'stated colours that are right',
    relationsTrue: 'stated relations that are true: that direction is the longer one',
    relationsInThatHalf: 'the same, anywhere in that half of the picture',
    presentClassesNamed: 'classes in the scene that are named',
  };
  const maps = {
    gradCam: 'Grad-CAM at `captions.seen`',
    hiresCam: 'HiResCAM at `captions.seen`',
    gradCamAtEncoder: "Grad-CAM at the encoder's last block",
    imageCentre: 'centre of the picture',
    randomCell: 'random cell',
  };

  test('file, words and number of scenes', () => {
    expectFile(card, 'demo/words/caption/demo-caption.onnx');
    const { text } = JSON.parse(read('demo/words/caption/gradcam.json')) as {
      text: { vocabulary: string[]; length: number };
    };
    expect(card).toContain(`Words: ${text.vocabulary.length}, with the padding`);
    expect(card).toContain(`\`caption\`, ${text.length} tokens`);
    expect(card).toContain(`captions of ${scenes} scenes`);
  });

  test.each(Object.entries(rows))('%s', (name, label) => {
    const [, cases, share] = rowOf(card, label);
    expect(Number(cases)).toBe(captions[name]!.cases);
    expectShare(share!, captions[name]!);
  });

  test.each(Object.entries(maps))('pointing game: %s', (name, label) => {
    expectShare(rowOf(card, label)[1]!, pointing.nouns[name]!);
    expect(card).toContain(`(${pointing.nouns[name]!.cases})`);
  });

  test('everything that was measured has its row', () => {
    expect(Object.keys(captions).sort()).toEqual(Object.keys(rows).sort());
    expect(Object.keys(pointing.nouns).sort()).toEqual(Object.keys(maps).sort());
  });

  test('docs/words.md states the same', () => {
    const page = read('docs/words.md').replaceAll(/\s+/g, ' ');
    const whole = ({ value }: Measured): string => `${Math.round(100 * value)} %`;
    const { gradCam, hiresCam } = pointing.nouns;
    expect(page).toContain(
      `Grad-CAM puts the map of a noun into its object's box in ${whole(gradCam!)} of held-out scenes, and HiResCAM in ${whole(hiresCam!)}`,
    );
    expect(page).toContain(
      `Of its named objects ${whole(captions['namedObjectsPresent']!)} are in the picture, of its relations ${whole(captions['relationsTrue']!)} are true`,
    );
  });
});
