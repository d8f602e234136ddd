import { sha256Shape } from './line-shapes.ts';
import {
  list,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  truthValue,
  where,
  whole,
} from './shape.ts';

const count = whole(0, Number.MAX_SAFE_INTEGER);
const side = whole(1, 2 ** 31 - 1);

/** The shape of `run.json`; see `RunFile` for what each field means. */
export const runShape = object({
  schema: where('1', (value) => value === 1),
  status: oneOf('running', 'done'),
  startedAt: string(),
  finishedAt: optional(string()),
  model: object({
    id: string(),
    path: string(),
    digest: sha256Shape,
    weights: optional(sha256Shape),
    input: optional(object({ height: side, width: side })),
  }),
  engine: string(),
  batch: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  files: optional(object({ original: string() })),
  leftOut: optional(record(count)),
  resumed: optional(list(object({ at: string(), engine: string() }))),
  versions: record(string()),
  settings: object({
    methods: list(string()),
    targets: list(string()),
    layers: list(string()),
    save: list(string()),
    colormap: string(),
    alpha: number(0, 1),
    fit: string(),
    beside: optional(string()),
    overlay: optional(string()),
    legend: optional(truthValue),
    box: optional(string()),
    sweep: optional(truthValue),
    figure: optional(truthValue),
    evidence: optional(object({ orders: count, steps: count, seed: count })),
    gradients: optional(string()),
    runs: optional(whole(1, Number.MAX_SAFE_INTEGER)),
    like: optional(string()),
    input: optional(record(() => null)),
    inputs: optional(record(sha256Shape)),
    window: optional(string()),
    labels: optional(string()),
    truth: optional(string()),
    references: optional(string()),
  }),
  readFrom: optional(list(string())),
  assumptions: list(string()),
  counts: optional(
    object({ done: count, failed: count, judged: optional(count), correct: optional(count) }),
  ),
});
