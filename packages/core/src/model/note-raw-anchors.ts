import { findNode, mainHead, nameOfHead, type Head, type Network } from '../network/network.ts';
import { outputKindOf } from '../network/output-kind.ts';
import { findImageInput } from '../network/taps.ts';

/** Anchors at each place in the versions of YOLO: three since v3, five in v2. */
const ANCHORS = [3, 5];

/** Numbers of an anchor before those of its classes: a box and an objectness. */
const BEFORE_CLASSES = 5;

/** The classes of COCO and of Pascal VOC, with which detectors are published. */
const USUAL_CLASSES = [80, 20];

/** Pixels of the input to a place of a detector's grid. */
const STRIDES = [8, 16, 32];

/** Fewer places than the smallest grids of a detector have. */
const LEAST_PLACES = 64;

const LIKE_DETECTOR = /yolo|region|anchor|detect/i;

/** A line about an output that looks like boxes relative to anchors, which no file holds; none for others. */
export function noteRawAnchors(network: Network): string[] {
  const head = mainHead(network);
  const kind = outputKindOf(head);
  if (kind === 'map') return noteGrid(network, head);
  if (kind === 'table' && head.coordinates !== true) return noteJoined(network, head);
  return kind === 'scores' || kind === 'labels' ? notePlaces(network, head) : [];
}

/** A score, a box and points of each place side by side, as the detectors of MediaPipe end. */
function noteJoined(network: Network, head: Head): string[] {
  const [places = 0, width = 0] = head.shape;
  const { nodes } = network;
  const node = nodes.find(({ name }) => name === head.logits);
  const last = (node?.inputs ?? []).map((input) =>
    nodes.find(({ name }) => name === input)?.shape.at(-1),
  );
  const score = last.indexOf(1);
  const isJoined = node?.op.kind === 'concatenate' && last.length === 2 && score >= 0;
  if (!isJoined || head.shape.length !== 2 || places < LEAST_PLACES || width < 5) return [];
  return [
    `the output ${nameOfHead(head)} looks like a detector's before its boxes are decoded, a score and ${width - 1} numbers of a box and points relative to anchors at each of ${places} places; no anchors are in the file, so no boxes are read: element:<i>,${score === 0 ? 0 : width - 1} explains the score of a place`,
  ];
}

/** Rows and columns with all numbers of all anchors at each place, as the nets of YOLO end. */
function noteGrid(network: Network, head: Head): string[] {
  const [rows = 0, columns = 0, channels = 0] = head.shape;
  const [height = 0, width = 0] = findNode(network, findImageInput(network)).shape;
  const isGrid = STRIDES.some((stride) => height === rows * stride && width === columns * stride);
  if (!isGrid || head.activation !== 'linear') return [];
  const classesOf = (anchors: number): number => channels / anchors - BEFORE_CLASSES;
  const possible = ANCHORS.filter((anchors) => {
    const classes = classesOf(anchors);
    return Number.isInteger(classes) && classes >= 1;
  });
  const names = [network.name, nameOfHead(head), ...network.layers.keys()];
  const isNamed = names.some((name) => LIKE_DETECTOR.test(name));
  const likely = possible.filter(
    (anchors) => isNamed || USUAL_CLASSES.includes(classesOf(anchors)),
  );
  if (likely.length === 0) return [];
  const forms = likely.map((anchors) => `${anchors} anchors of 5 + ${classesOf(anchors)} numbers`);
  return [
    `the output ${nameOfHead(head)} looks like boxes of a detector before they are decoded, ${forms.join(' or ')} at each place; their anchors are not in the file, so no boxes are read, and each of the ${channels} numbers is explained as a class of a map: export the model with its decoder, or explain one number with element:<row,column,channel>`,
  ];
}

/** One score for each place, where another output has the box or points of the same places. */
function notePlaces(network: Network, head: Head): string[] {
  const places = head.classes;
  const other = network.heads.find(({ shape, classes }) => {
    const width = shape.at(-1) ?? 1;
    return shape.length >= 2 && width >= 4 && classes === places * width;
  });
  if (head.shape.length !== 1 || places < 2 || other === undefined) return [];
  return [
    `the ${places} numbers of ${nameOfHead(head)} look like one score for each place of a detector, whose boxes or points are ${nameOfHead(other)}: they are explained as ${places} classes, and no boxes are read; element:<i> explains one place`,
  ];
}
