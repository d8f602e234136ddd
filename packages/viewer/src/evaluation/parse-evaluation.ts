import type {
  EvaluatedClass,
  EvaluatedImage,
  Evaluation,
  EvaluationCell,
  EvaluationMetric,
  EvaluationRow,
  Interval,
  MapNumbers,
} from './evaluation.ts';

/** A fault of a file, in words for its reader. */
export class EvaluationError extends Error {}

/**
 * Reads `evaluation.json`. The file may come from anybody, so every field is checked.
 *
 * @throws EvaluationError naming the field.
 */
export function parseEvaluation(text: string): Evaluation {
  const file = parseObject(text, 'evaluation.json');
  if (file['schema'] !== 1) throw wrong('schema', '1', file['schema']);
  const settings = object(file['settings'], 'settings');
  const road = asObject(asObject(file['metricSettings'])['road']);
  const images = object(file['images'], 'images');
  const count = (name: string): number => number(images[name], `images.${name}`);
  return {
    model: string(object(file['model'], 'model')['id'], 'model.id'),
    engine: string(file['engine'], 'engine'),
    finishedAt: string(file['finishedAt'], 'finishedAt'),
    images: {
      evaluated: count('evaluated'),
      withoutClass: count('withoutClass'),
      failed: count('failed'),
      classes: count('classes'),
    },
    metrics: list(file['metrics'], 'metrics').map(parseMetric),
    rows: list(file['rows'], 'rows').map(parseRow),
    settings: Object.entries(settings).map(([name, value]) => [name, describe(value)]),
    removed: Array.isArray(road['removed'])
      ? road['removed'].map((share) => number(share, 'metricSettings.road.removed'))
      : [],
  };
}

/**
 * Reads the lines of `evaluation.jsonl` after its head. Lines of images that failed are left out, and so
 * is a last line that is being written.
 *
 * @throws EvaluationError naming line and field.
 */
export function parseEvaluatedImages(text: string): EvaluatedImage[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.slice(1).flatMap((line, i) => {
    const where = `evaluation.jsonl line ${i + 2}`;
    const value = parseObject(line, where);
    if ('error' in value) return [];
    const { question } = value;
    return [
      {
        image: string(value['image'], `${where}: image`),
        ...(question !== undefined && { question: string(question, `${where}: question`) }),
        sha256: string(value['sha256'], `${where}: sha256`),
        classes: list(value['classes'], `${where}: classes`).map((one) => parseClass(one, where)),
      },
    ];
  });
}

function parseMetric(value: unknown): EvaluationMetric {
  const metric = object(value, 'metrics');
  const better = (['higher', 'lower', 'neither'] as const).find((one) => one === metric['better']);
  if (better === undefined)
    throw wrong('metrics.better', 'higher, lower or neither', metric['better']);
  return { name: string(metric['name'], 'metrics.name'), better };
}

function parseRow(value: unknown): EvaluationRow {
  const row = object(value, 'rows');
  const name = string(row['row'], 'rows.row');
  const cells = Object.entries(object(row['cells'], `${name}.cells`)).flatMap(([metric, cell]) =>
    cell === null ? [] : [[metric, parseCell(cell, `${name}.${metric}`)] as const],
  );
  return {
    row: name,
    isBaseline: row['kind'] === 'baseline',
    cells: new Map(cells),
    ms: row['ms'] === null ? null : parseInterval(row['ms'], `${name}.ms`),
  };
}

function parseCell(value: unknown, where: string): EvaluationCell {
  const { images, doesNotBeat } = object(value, where);
  return {
    ...parseInterval(value, where),
    images: number(images, `${where}.images`),
    doesNotBeat:
      doesNotBeat === undefined
        ? null
        : list(doesNotBeat, `${where}.doesNotBeat`).map((one) => string(one, where)),
  };
}

function parseInterval(value: unknown, where: string): Interval {
  const { mean, low, high } = object(value, where);
  return {
    mean: number(mean, `${where}.mean`),
    low: number(low, `${where}.low`),
    high: number(high, `${where}.high`),
  };
}

function parseClass(value: unknown, where: string): EvaluatedClass {
  const { index, label, probability, maps } = object(value, `${where}: classes`);
  const own = number(index, `${where}: classes.index`);
  return {
    index: own,
    label: label === undefined ? `class ${own}` : string(label, `${where}: classes.label`),
    probability: number(probability, `${where}: classes.probability`),
    maps: list(maps, `${where}: classes.maps`).map((one) => parseMap(one, where)),
  };
}

function parseMap(value: unknown, where: string): MapNumbers {
  const { row, values, curves, reasons } = object(value, `${where}: maps`);
  const numbers = Object.entries(object(values, `${where}: values`)).map(
    ([name, one]) => [name, one === null ? null : number(one, `${where}: ${name}`)] as const,
  );
  const drawn = Object.entries(asObject(curves)).map(
    ([name, points]) =>
      [
        name,
        list(points, `${where}: ${name}`).map((one) => number(one, `${where}: ${name}`)),
      ] as const,
  );
  const texts = Object.entries(asObject(reasons)).map(
    ([name, text]) => [name, string(text, `${where}: reasons.${name}`)] as const,
  );
  return {
    row: string(row, `${where}: maps.row`),
    values: new Map(numbers),
    curves: new Map(drawn),
    reasons: new Map(texts),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(text: string, where: string): Fields {
  try {
    return object(JSON.parse(text), where);
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    throw new EvaluationError(`${where}: expected JSON`);
  }
}

function object(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(where, 'an object', value);
}

/** The fields of a part that may be absent. */
function asObject(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(where, 'a list', value);
}

function string(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw wrong(where, 'a text', value);
}

function number(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(where, 'a number', value);
}

function wrong(where: string, expected: string, found: unknown): EvaluationError {
  const shown = found === undefined ? 'nothing' : (JSON.stringify(found) ?? 'nothing').slice(0, 60);
  return new EvaluationError(`${where}: expected ${expected}, found ${shown}`);
}

function describe(value: unknown): string {
  if (value === null) return 'default';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
