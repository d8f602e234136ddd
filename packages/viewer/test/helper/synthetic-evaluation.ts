/** An `evaluation.json` with two methods and a baseline, with numbers that tests can tell apart. */
export function planEvaluation() {
  const cell = (mean: number, doesNotBeat?: readonly string[]) => ({
    ...{ mean, low: mean - 0.05, high: mean + 0.05, images: 6, without: 0 },
    ...(doesNotBeat === undefined ? {} : { beats: [], doesNotBeat }),
  });
  const ms = (mean: number) => ({ mean, low: mean, high: mean });
  return {
    schema: 1,
    model: { id: 'demo-resnet', digest: 'ab'.repeat(32), weights: 'cd'.repeat(32) },
    settings: {
      methods: ['grad-cam', 'layer-cam'],
      layer: 'auto',
      steps: 2,
      boxes: null,
      model: {},
    },
    metricSettings: { road: { removed: [0.1, 0.5, 0.9] } },
    engine: 'onnx-cpu',
    versions: { gradcam: '0.1.0' },
    finishedAt: '2026-03-02T09:30:00.000Z',
    images: { evaluated: 6, withoutClass: 1, failed: 0, classes: 8 },
    metrics: [
      { name: 'deletion', better: 'lower' },
      { name: 'insertion', better: 'higher' },
      { name: 'road', better: 'higher' },
    ],
    rows: [
      {
        ...{ row: 'grad-cam', kind: 'method', ms: ms(11) },
        cells: {
          deletion: cell(0.2, []),
          insertion: cell(0.7, []),
          road: cell(0.3, ['random-cam']),
        },
      },
      {
        ...{ row: 'layer-cam', kind: 'method', ms: ms(12) },
        cells: { deletion: cell(0.1, []), insertion: cell(0.6, []), road: null },
      },
      {
        ...{ row: 'random-cam', kind: 'baseline', ms: ms(7) },
        cells: { deletion: cell(0.5), insertion: cell(0.3), road: cell(0.1) },
      },
    ],
  };
}

/** A line of `evaluation.jsonl` with one class and the deletion curve of each row. */
export function lineOfImage(
  image: string,
  curves: Readonly<Record<string, readonly number[]>>,
  sha256 = 'cd'.repeat(32),
) {
  return {
    ...{ image, sha256, width: 320, height: 240, settings: {}, ms: {} },
    classes: [
      {
        ...{ index: 1, label: 'dog', rank: 0, probability: 0.5 },
        maps: Object.entries(curves).map(([row, deletion]) => ({
          row,
          values: { deletion: deletion[1] ?? 0, insertion: 0.8, road: null },
          curves: { deletion },
          reasons: { road: 'the map is constant' },
        })),
      },
    ],
  };
}
