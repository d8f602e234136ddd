import { describe, expect, test } from 'vitest';
import { noteOutputs } from '../../src/model/note-outputs.ts';
import type { Head, Network } from '../../src/network/network.ts';
import { findAfterSuppression } from '../../src/targets/detect/box-outputs.ts';

/** A net of pictures of 416 x 416 pixels, with outputs by their names. */
function network(outputs: Readonly<Record<string, readonly number[]>>, name = 'net'): Network {
  const heads = Object.entries(outputs).map(([logits, shape]): Head => {
    const classes = shape.reduce((product, size) => product * size, 1);
    return { logits, probabilities: null, activation: 'linear', shape, classes };
  });
  const image = { name: 'image', op: { kind: 'input' }, inputs: [], weights: {} } as const;
  return {
    name,
    nodes: [{ ...image, shape: [416, 416, 3] }],
    inputs: ['image'],
    heads,
    layers: new Map(),
    notes: [],
  };
}

const said = (...args: Parameters<typeof network>): string =>
  noteOutputs(network(...args), false).join('\n');

describe('boxes relative to anchors', () => {
  test.each([
    // YOLOv2 has five anchors, YOLOv3 three; COCO has 80 classes, Pascal VOC 20.
    ['YOLOv2-tiny', { out: [13, 13, 425] }, undefined, '5 anchors of 5 + 80 numbers'],
    ['YOLOv2 of VOC', { out: [13, 13, 125] }, undefined, '5 anchors of 5 + 20 numbers'],
    ['YOLOv3', { a: [13, 13, 255], b: [26, 26, 255] }, undefined, '3 anchors of 5 + 80 numbers'],
    [
      'one class, by its name',
      { detected: [13, 13, 30] },
      undefined,
      '3 anchors of 5 + 5 numbers or 5 anchors of 5 + 1 numbers',
    ],
    [
      'one class, by the name of the net',
      { out: [13, 13, 18] },
      'tiny-yolov3',
      '3 anchors of 5 + 1',
    ],
  ] as const)('%s', (_, outputs, name, form) => {
    expect(said(outputs, name)).toContain(`before they are decoded, ${form}`);
  });

  test.each([
    ['a map of 21 classes', { out: [13, 13, 21] }],
    ['30 classes without a name', { out: [13, 13, 30] }],
    ['a map of the size of the picture', { out: [416, 416, 255] }],
  ])('%s is none', (_, outputs) => {
    expect(said(outputs)).not.toContain('decoded');
  });

  test('scores of places beside their boxes and points, as of BlazeFace', () => {
    expect(said({ scores: [512], boxes: [512, 16] })).toContain(
      'the 512 numbers of scores look like one score for each place of a detector, whose boxes or points are boxes',
    );
    expect(said({ points: [1404], flag: [1] })).not.toContain('one score for each place');
  });
});

/** Outputs as of YuNet: three grids, each with two lists, boxes and points. */
const yunet = {
  ...{ cls_8: [2704], cls_16: [676], cls_32: [169], obj_8: [2704], obj_16: [676], obj_32: [169] },
  ...{ bbox_8: [2704, 4], bbox_16: [676, 4], bbox_32: [169, 4] },
  ...{ kps_8: [2704, 10], kps_16: [676, 10], kps_32: [169, 10] },
};

test('several grids with lists are not boxes after non-maximum suppression', () => {
  expect(findAfterSuppression(network(yunet))).toBeNull();
  const raw = { raw_boxes: [1917, 4], raw_scores: [1917, 91] };
  const after = { boxes: [100, 4], scores: [100], classes: [100] };
  expect(findAfterSuppression(network({ ...raw, ...after }))).toBe('boxes, scores, classes');
});

test('a line lists four outputs, and how many more there are', () => {
  const [line] = noteOutputs(network(yunet), false);
  expect(line).toMatch(
    /cls_32 \(169 scores [^)]*\), obj_8 \([^)]*\) and 8 more the first is explained/,
  );
  expect(line).not.toContain('kps');
});
