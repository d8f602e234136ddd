import { GradcamError } from '../base/errors.ts';
import { describeValue } from '../base/option-names.ts';

/** The layouts of detector outputs that can be read; see `Detector`. */
export const boxLayouts = ['yolov5', 'yolov8', 'yolox', 'ssd'] as const;

/** How four numbers describe a box: centre and size, or two corners with x first or y first. */
export const boxForms = ['xywh', 'xyxy', 'yxyx'] as const;

/** The units of a box: pixels of the model's input, or shares of its sides. */
export const boxUnits = ['pixels', 'normalised'] as const;

/**
 * What a caller states about how a detector writes its boxes, and about which of them are listed. Facts
 * that are left out are inferred from shapes and values, and the inference is printed.
 */
export interface BoxReading {
  /** `none`: the output holds no boxes, whatever it looks like. */
  readonly layout?: (typeof boxLayouts)[number] | 'none';
  readonly form?: (typeof boxForms)[number];
  /** Pixels of the model's input, or shares of its sides. */
  readonly units?: (typeof boxUnits)[number];
  /** The function that turns scores into probabilities, where the model ends before it. */
  readonly activation?: 'sigmoid' | 'softmax';
  /** The class of a softmax that means no object; null when there is none. */
  readonly background?: number | null;
  /** Number of classes. The numbers after them (mask coefficients, key points) are not read. */
  readonly classes?: number;
  /** Lowest score of a listed box, 0..1; default 0.25. */
  readonly score?: number;
  /**
   * The largest allowed overlap (intersection over union, 0..1) of two listed boxes of one class. Where two
   * boxes overlap by more, only the one with the better score is listed. Default 0.45.
   */
  readonly iou?: number;
}

/** The words that a box reading can have, for messages. */
const TAKES =
  'yolov5, yolov8, yolox, ssd or none; xywh, xyxy or yxyx; pixels or normalised; sigmoid or softmax; background=<class|none>, classes=<n>, score=<0..1>, iou=<0..1>, with commas between';

const WORDS: Readonly<Record<string, BoxReading>> = {
  ...Object.fromEntries([...boxLayouts, 'none' as const].map((layout) => [layout, { layout }])),
  ...Object.fromEntries(boxForms.map((form) => [form, { form }])),
  ...Object.fromEntries(boxUnits.map((units) => [units, { units }])),
  normalized: { units: 'normalised' },
  sigmoid: { activation: 'sigmoid' },
  softmax: { activation: 'softmax' },
};

/**
 * Reads the value of `--boxes`, such as `yolov5,normalised` or `ssd,xyxy,score=0.1`.
 *
 * @throws GradcamError `argument` for an unknown word, or two words for the same field.
 */
export function parseBoxReading(text: string): BoxReading {
  let reading: BoxReading = {};
  for (const word of text.toLowerCase().split(',')) {
    const part = readWord(word.trim());
    const [name] = part === null ? [] : Object.keys(part);
    if (name === undefined) refuse(`'${word.trim()}'`);
    if (name in reading) refuse(`two words for the ${name}, in '${text}'`);
    reading = { ...reading, ...part };
  }
  checkBoxReading(reading);
  return reading;
}

/** A reading as {@link parseBoxReading} takes it. */
export function describeBoxReading(reading: BoxReading): string {
  const { layout, form, units, activation, ...numbers } = reading;
  const words = [layout, form, units, activation].filter((word) => word !== undefined);
  const pairs = Object.entries(numbers).filter(([, value]) => value !== undefined);
  return [...words, ...pairs.map(([name, value]) => `${name}=${value ?? 'none'}`)].join(',');
}

function readWord(word: string): BoxReading | null {
  const [name = '', value] = word.split('=').map((part) => part.trim());
  if (value === undefined) return Object.hasOwn(WORDS, name) ? WORDS[name]! : null;
  if (name === 'background' && value === 'none') return { background: null };
  const number = value === '' ? NaN : Number(value);
  const isNumber = ['background', 'classes', 'score', 'iou'].includes(name);
  return isNumber && Number.isFinite(number) ? { [name]: number } : null;
}

/**
 * Checks names, types and ranges of the fields, since plain JavaScript does not check types.
 *
 * @throws GradcamError `argument` naming what is wrong.
 */
export function checkBoxReading(reading: unknown): void {
  if (typeof reading !== 'object' || reading === null) {
    return refuse(`${describeValue(reading)} (parseBoxReading reads strings)`);
  }
  const isCount = (least: number) => (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= least;
  const isShare = (value: unknown): boolean =>
    typeof value === 'number' && value >= 0 && value <= 1;
  const among = (names: readonly string[]) => (value: unknown) => names.includes(value as string);
  const checks: Readonly<Record<keyof BoxReading, (value: unknown) => boolean>> = {
    layout: among([...boxLayouts, 'none']),
    form: among(boxForms),
    units: among(boxUnits),
    activation: among(['sigmoid', 'softmax']),
    background: (value) => value === null || isCount(0)(value),
    classes: isCount(1),
    score: isShare,
    iou: isShare,
  };
  for (const [name, value] of Object.entries(reading)) {
    if (!Object.hasOwn(checks, name)) refuse(`'${name}'`);
    if (value !== undefined && !checks[name as keyof BoxReading](value)) {
      refuse(`${name} ${describeValue(value)}`);
    }
  }
  const stated = Object.entries(reading).filter(([, value]) => value !== undefined);
  if ((reading as BoxReading).layout === 'none' && stated.length > 1) {
    refuse(`'none' with other words, which say how boxes are read`);
  }
}

function refuse(found: string): never {
  throw new GradcamError('argument', `boxes: expected ${TAKES}; got ${found}`);
}
