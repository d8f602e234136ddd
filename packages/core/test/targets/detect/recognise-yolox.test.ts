import { describe, expect, test } from 'vitest';
import { parseBoxReading } from '../../../src/network/box-reading.ts';
import type { GraphNode, Network } from '../../../src/network/network.ts';
import type { Op } from '../../../src/network/op.ts';
import { recogniseDetector } from '../../../src/targets/detect/recognise-detector.ts';

/** 64 x 64 pixels have 8 x 8, 4 x 4 and 2 x 2 cells of strides 8, 16 and 32. */
const SIDES = [8, 4, 2];
const PLACES = 84;

const convolution: Op = {
  kind: 'conv2d',
  groups: 1,
  strides: [1, 1],
  dilations: [1, 1],
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
} as unknown as Op;

interface Form {
  readonly classes?: number;
  readonly isSigmoid?: boolean;
  /** The grids of each number are brought together first, and the numbers then. */
  readonly byNumber?: boolean;
  /** An operation behind the convolution of the boxes. */
  readonly behind?: Op;
  /** Filters of the three convolutions of a grid. */
  readonly filters?: readonly number[];
}

/** The end of YOLOX's net, as exporters write it. */
function heads(form: Form = {}): Network {
  const { classes = 3, isSigmoid = true, byNumber = false, behind } = form;
  const filters = form.filters ?? [4, 1, classes];
  const nodes: GraphNode[] = [];
  const add = (name: string, op: Op, inputs: readonly string[], shape: readonly number[]) => {
    nodes.push({ name, op, inputs, shape, weights: {} });
    return name;
  };
  add('image', { kind: 'input' }, [], [64, 64, 3]);
  const width = filters.reduce((sum, count) => sum + count, 0);
  const piece = (grid: number, which: number): string => {
    const side = SIDES[grid]!;
    const shape = [side, side, filters[which]!];
    const name = add(`conv${grid}${which}`, convolution, ['image'], shape);
    if (which > 0 && isSigmoid)
      return add(`sigmoid${grid}${which}`, { kind: 'sigmoid' }, [name], shape);
    return which === 0 && behind !== undefined ? add(`behind${grid}`, behind, [name], shape) : name;
  };
  const flat = (name: string, grid: number, count: number): string =>
    add(`${name}/flat`, { kind: 'reshape' }, [name], [SIDES[grid]! ** 2, count]);
  const join = (name: string, parts: string[], axis: number, shape: readonly number[]): string =>
    add(name, { kind: 'concatenate', axis }, parts, shape);
  if (byNumber) {
    const rows = filters.map((count, which) => {
      const parts = SIDES.map((_, grid) => flat(piece(grid, which), grid, count));
      return join(`number${which}`, parts, 0, [PLACES, count]);
    });
    join('out', rows, 1, [PLACES, width]);
  } else {
    const rows = SIDES.map((side, grid) => {
      const parts = filters.map((_, which) => piece(grid, which));
      return flat(join(`grid${grid}`, parts, 2, [side, side, width]), grid, width);
    });
    join('out', rows, 0, [PLACES, width]);
  }
  const shape = [PLACES, width];
  const head = { logits: 'out', probabilities: null, activation: 'linear', shape } as const;
  return {
    name: 'net',
    nodes,
    inputs: ['image'],
    heads: [{ ...head, classes: PLACES * width }],
    layers: new Map(),
    notes: [],
  };
}

function recognise(network: Network, words?: string, names: number[] = []) {
  const stated = words === undefined ? {} : parseBoxReading(words);
  return recogniseDetector(network, { size: [64, 64], stated, nameCounts: names });
}

describe('YOLOX without its decoder is told by its graph', () => {
  test.each([
    ['grids of numbers side by side', {}],
    ['numbers of grids side by side', { byNumber: true }],
    ['one class', { classes: 1 }],
    ['four classes, as many as numbers of a box', { classes: 4 }],
  ])('%s', (_, form) => {
    const { detector, notes } = recognise(heads(form));
    const { classes = 3 } = form as Form;
    expect(detector).toMatchObject({ layout: 'yolox', places: PLACES, classes, stated: {} });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(
      /not decoded: \[84, \d\].*\(--boxes yolov5 if they are decoded, --boxes none/,
    );
  });

  test('heads without a sigmoid', () => {
    const { detector, notes } = recognise(heads({ isSigmoid: false }));
    expect(detector).toMatchObject({ layout: 'yolox', stated: { activation: 'sigmoid' } });
    expect(notes[0]).toContain('scores through a sigmoid');
  });

  test.each([
    ['a multiplication by the stride', { behind: { kind: 'multiply' } as Op }],
    ['an addition of the grid', { behind: { kind: 'add' } as Op }],
    ['an exponential', { behind: { kind: 'activation', fn: 'exponential' } as unknown as Op }],
    ['a sigmoid of the boxes', { behind: { kind: 'sigmoid' } as Op }],
    ['other numbers of filters', { filters: [5, 1, 2] }],
    ['classes before the objectness', { filters: [4, 3, 1] }],
  ])('%s is none', (_, form) => {
    const { detector } = recognise(heads(form), undefined, [form === undefined ? 0 : 3]);
    expect(detector?.layout).toBe('yolov5');
  });

  test('what is stated wins', () => {
    expect(recognise(heads(), 'yolov5').detector?.layout).toBe('yolov5');
    expect(recognise(heads(), 'none').detector).toBeNull();
    expect(recognise(heads({ behind: { kind: 'add' } }), 'yolox').detector?.layout).toBe('yolox');
  });

  test('words that would be ignored are refused, and places that are no cells', () => {
    expect(() => recognise(heads(), 'yolox,xyxy')).toThrow(
      /boxes xyxy: the layout yolox has offsets/,
    );
    expect(() => recognise(heads(), 'normalised')).toThrow(/boxes normalised: the layout yolox/);
    expect(() =>
      recogniseDetector(heads(), { size: [96, 96], stated: { layout: 'yolox' }, nameCounts: [] }),
    ).toThrow(/boxes yolox: expected 189 places, the cells of strides 8, 16 and 32 .* found 84/);
  });
});
