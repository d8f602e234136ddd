import { describe, expect, test } from 'vitest';
import { parseBoxReading, type BoxReading } from '../../../src/network/box-reading.ts';
import { boxesPerCell } from '../../../src/targets/detect/grid-places.ts';
import { recogniseDetector } from '../../../src/targets/detect/recognise-detector.ts';
import type { Head, Network } from '../../../src/network/network.ts';

/** Outputs by their names, with shapes as exporters write them. */
function network(outputs: Readonly<Record<string, readonly number[]>>): Network {
  const heads = Object.entries(outputs).map(([logits, shape]): Head => {
    const classes = shape.reduce((product, size) => product * size, 1);
    return { logits, probabilities: null, activation: 'linear', shape, classes };
  });
  return { name: 'net', nodes: [], inputs: [], heads, layers: new Map(), notes: [] };
}

function recognise(
  outputs: Parameters<typeof network>[0],
  { stated = {}, names = [], side = 640 }: { stated?: BoxReading; names?: number[]; side?: number } = {}, // prettier-ignore
) {
  return recogniseDetector(network(outputs), { size: [side, side], stated, nameCounts: names });
}

describe('how many boxes each cell has', () => {
  test.each([
    // 80 * 80 + 40 * 40 + 20 * 20, the three grids of YOLO.
    [8400, [640, 640], 1],
    [25200, [640, 640], 3],
    // With a fourth grid of 10 * 10, as of nets for 1280 pixels.
    [102000, [1280, 1280], 3],
    // YOLOv3-tiny: 26 * 26 + 13 * 13, three each.
    [2535, [416, 416], 3],
    // Sides that are no multiple: 48 * 80 cells and so on of 384 x 640.
    [5040, [384, 640], 1],
    // A single grid is also what the patches of a transformer are; 1917 are SSD's.
    [196, [224, 224], null],
    [197, [224, 224], null],
    [1917, [300, 300], null],
  ] as const)('%d of %j', (places, size, expected) => {
    expect(boxesPerCell(places, size)).toBe(expected);
  });
});

describe('one output', () => {
  test('YOLOv8 and v11', () => {
    const { detector } = recognise({ output0: [84, 8400] });
    expect(detector).toMatchObject({ layout: 'yolov8', classes: 80, placesLast: true });
  });

  test('YOLOv5 and v7', () => {
    const { detector } = recognise({ output0: [25200, 85] });
    expect(detector).toMatchObject({ layout: 'yolov5', classes: 80, placesLast: false });
  });

  test('a model of one class: YOLOv8 [5, n]', () => {
    const { detector } = recognise({ output0: [5, 8400] });
    expect(detector).toMatchObject({ layout: 'yolov8', classes: 1 });
  });

  test('YOLOX and v6 [8400, 85] are told from a transposed YOLOv8 by the names of classes', () => {
    const open = recognise({ output0: [8400, 85] });
    expect(open.detector).toMatchObject({ layout: 'yolov8', classes: 81 });
    expect(open.notes.join()).toMatch(/YOLOX .* for which say --boxes yolov5/);
    const named = recognise({ output0: [8400, 85] }, { names: [80] });
    expect(named.detector).toMatchObject({ layout: 'yolov5', classes: 80 });
    expect(named.notes.join()).not.toContain('YOLOX');
    const other = recognise({ output0: [8400, 85] }, { names: [81] });
    expect(other.detector).toMatchObject({ layout: 'yolov8', classes: 81 });
    const said = recognise({ output0: [8400, 85] }, { stated: { layout: 'yolov5' } });
    expect(said.detector).toMatchObject({ layout: 'yolov5', classes: 80 });
  });

  test('numbers for masks stand behind the classes where prototypes are another output', () => {
    const { detector, notes } = recognise({ output0: [116, 8400], output1: [160, 160, 32] });
    expect(detector).toMatchObject({ layout: 'yolov8', classes: 80, width: 116 });
    expect(notes.join()).toContain('the 32 numbers behind them are taken for masks and not read');
  });

  test.each([
    ['tokens', { out: [197, 768] }],
    ['a table', { out: [6, 5] }],
    ['classes', { out: [1000] }],
    ['a map', { out: [80, 80, 21] }],
    ['raw heads', { a: [80, 80, 255], b: [40, 40, 255], c: [20, 20, 255] }],
    ['both axes fit', { out: [8400, 25200] }],
  ])('%s are none', (_, outputs) => {
    expect(recognise(outputs)).toEqual({ detector: null, notes: [] });
  });

  test('a layout that is stated must fit', () => {
    const stated = parseBoxReading('yolov5');
    expect(() => recognise({ out: [1000] }, { stated })).toThrow(
      /boxes yolov5: expected an output \[places, 6 or more\] .* found \[1000\]/,
    );
    const one = parseBoxReading('yolov8,classes=99');
    expect(() => recognise({ out: [84, 8400] }, { stated: one })).toThrow(/room for 80 at most/);
    // No grids of the input: the longer axis has the places.
    const odd = recognise({ out: [777, 9] }, { stated: parseBoxReading('yolov8') });
    expect(odd.detector).toMatchObject({ places: 777, classes: 5, placesLast: false });
  });
});

describe('two outputs', () => {
  test('scores first: boxes [n, 1, 4] and scores of tfjs coco-ssd', () => {
    const { detector } = recognise({ scores: [1917, 90], raw: [1917, 1, 4] }, { side: 300 });
    expect(detector).toMatchObject({ layout: 'ssd', places: 1917, classes: 90, boxes: 'raw' });
  });

  test('four classes are told from boxes by names, or not at all', () => {
    expect(recognise({ scores: [100, 4], boxes: [100, 4] }).detector?.boxes).toBe('boxes');
    expect(recognise({ a: [100, 4], b: [100, 4] }).detector).toBeNull();
    const stated = parseBoxReading('ssd');
    expect(() => recognise({ a: [100, 4], b: [100, 4] }, { stated })).toThrow(
      /boxes ssd: expected .* the outputs are a \[100, 4\], b \[100, 4\]/,
    );
  });

  test('a box and a class of one object are none', () => {
    expect(recognise({ label: [10], box: [4] }).detector).toBeNull();
  });

  test('after suppression nothing is a target, and that is said', () => {
    const outputs = {
      detection_boxes: [100, 4],
      detection_classes: [100],
      detection_scores: [100],
      num_detections: [1],
    };
    for (const one of [outputs, { output0: [300, 6] }]) {
      const { detector, notes } = recognise(one);
      expect(detector).toBeNull();
      expect(notes.join()).toMatch(/after non-maximum suppression.*element:<i,j,\.\.>/);
    }
  });
});

describe('--boxes', () => {
  test('reads words in any order', () => {
    expect(parseBoxReading('normalised, SSD,xyxy,score=0.1,iou=.6,background=none')).toEqual({
      ...{ units: 'normalised', layout: 'ssd', form: 'xyxy' },
      ...{ score: 0.1, iou: 0.6, background: null },
    });
  });

  test.each([
    ['score=0.1', { out: [1000] }, /boxes score=0.1: no output .* outputs are out \[1000\]/],
    ['iou=0.5', { out: [300, 6] }, /boxes iou=0.5: .* after non-maximum suppression/],
    ['softmax', { out: [84, 8400] }, /boxes softmax: only the layout ssd .* as yolov8/],
    ['background=0', { out: [25200, 85] }, /boxes background=0: only .* read as yolov5/],
    ['background=90', { scores: [1917, 90], raw: [1917, 4] }, /expected a class from 0 to 89/],
  ] as const)('%s is refused where it would say nothing', (text, outputs, message) => {
    expect(() => recognise(outputs, { stated: parseBoxReading(text) })).toThrow(message);
  });

  test('words that hold are kept: no background where none is possible, none without boxes', () => {
    const stated = parseBoxReading('background=none,sigmoid');
    expect(recognise({ out: [84, 8400] }, { stated }).detector?.stated).toBe(stated);
    expect(recognise({ out: [1000] }, { stated: { layout: 'none' } }).notes).toEqual([]);
  });

  test.each([
    'none,score=0.1',
    'yolov9',
    'score',
    'score=2',
    'classes=0',
    'iou=',
    'xywh,xyxy',
    '',
    'classes=1.5',
  ])('refuses %j', (text) => {
    expect(() => parseBoxReading(text)).toThrow(/boxes: expected yolov5, yolov8/);
  });
});
