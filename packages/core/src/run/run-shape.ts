import { sha256Shape } from './line-shapes.ts';
import {
  list,
  number,
  object,
  oneOf,
  optional,
  record,
  text,
  truthValue,
  where,
  whole,
} from './shape.ts';

const count = whole(0, Number.MAX_SAFE_INTEGER);
const side = whole(1, 2 ** 31 - 1);

/** `run.json`. */
export const runShape = object({
  schema: where('1', (value) => value === 1),
  status: oneOf('running', 'done'),
  startedAt: text(),
  finishedAt: optional(text()),
  model: object({
    id: text(),
    path: text(),
    digest: sha256Shape,
    weights: optional(sha256Shape),
    input: optional(object({ height: side, width: side })),
  }),
  engine: text(),
  files: optional(object({ original: text() })),
  leftOut: optional(record(count)),
  resumed: optional(list(object({ at: text(), engine: text() }))),
  versions: record(text()),
  settings: object({
    methods: list(text()),
    targets: list(text()),
    layers: list(text()),
    save: list(text()),
    colormap: text(),
    alpha: number(0, 1),
    fit: text(),
    beside: optional(text()),
    overlay: optional(text()),
    legend: optional(truthValue),
    box: optional(text()),
    sweep: optional(truthValue),
    runs: optional(whole(1, Number.MAX_SAFE_INTEGER)),
    like: optional(text()),
    input: optional(record(() => null)),
    inputs: optional(record(sha256Shape)),
    window: optional(text()),
    labels: optional(text()),
    truth: optional(text()),
    references: optional(text()),
  }),
  readFrom: optional(list(text())),
  assumptions: list(text()),
  counts: optional(
    object({ done: count, failed: count, judged: optional(count), correct: optional(count) }),
  ),
});
