import { GradcamError } from '../../base/errors.ts';
import { mainHead, nameOfHead, type Head, type Network } from '../../network/network.ts';
import { findAfterSuppression, findBoxOutputs } from './box-outputs.ts';
import { describeBoxReading, type BoxReading } from '../../network/box-reading.ts';
import { describeLayout, type Detector } from '../../network/detector.ts';
import { boxesPerCell } from './grid-places.ts';
import { checkClasses, makeYolo } from './make-yolo.ts';
import { checkYoloxPlaces, checkYoloxStated, recogniseYolox } from './recognise-yolox.ts';

/** What helps to recognise a detector, apart from its outputs. */
export interface DetectorHints {
  /** Height and width of the model's input. */
  readonly size: readonly [height: number, width: number];
  readonly stated: BoxReading;
  /** The number of class names in each source that has some. */
  readonly nameCounts: readonly number[];
}

/** A detector, or null, with notes for the user, one line each. */
export interface RecognisedDetector {
  readonly detector: Detector | null;
  readonly notes: readonly string[];
}

const NOT_ONE = '--boxes none if these are not boxes';

/**
 * Recognises by its outputs whether a network is a detector. Its first output, alone or with another
 * one, must hold boxes and scores before non-maximum suppression. The model is not run: whether the
 * values are boxes shows with the first image.
 *
 * @throws GradcamError `argument` for a stated layout that the outputs do not have, for any other stated
 *   fact about boxes if the outputs hold no boxes, and for a stated fact that the layout does not use.
 */
export function recogniseDetector(network: Network, hints: DetectorHints): RecognisedDetector {
  const found = findDetector(network, hints);
  if (hints.stated.layout !== 'none') checkStated(found, network, hints.stated);
  return found;
}

/** Checks that every fact that the caller states about boxes is used, so that none is ignored silently. */
function checkStated(
  { detector, notes }: RecognisedDetector,
  { heads }: Network,
  stated: BoxReading,
): void {
  const said = describeBoxReading(stated);
  if (said === '') return;
  if (detector === null) {
    const outputs = heads.map((head) => `${nameOfHead(head)} [${head.shape.join(', ')}]`);
    const reason = notes.length > 0 ? notes.join('; ') : `the outputs are ${outputs.join(', ')}`;
    throw new GradcamError(
      'argument',
      `boxes ${said}: no output was recognised as a detector's (${reason}); state the layout as well (yolov5, yolov8, yolox or ssd), or leave this out`,
    );
  }
  const { layout, classes } = detector;
  const { activation, background } = stated;
  if (layout === 'yolox') checkYoloxStated(stated);
  const isClass = typeof background === 'number';
  if (layout !== 'ssd' && (activation === 'softmax' || isClass)) {
    const word = isClass ? `background=${background}` : 'softmax';
    throw new GradcamError(
      'argument',
      `boxes ${word}: only the layout ssd may have a ${isClass ? 'background class' : 'softmax over its classes'}, and this output is read as ${layout}; leave the word out`,
    );
  }
  if (isClass && background >= classes) {
    throw new GradcamError(
      'argument',
      `boxes background=${background}: expected a class from 0 to ${classes - 1}`,
    );
  }
}

function findDetector(network: Network, hints: DetectorHints): RecognisedDetector {
  const { layout } = hints.stated;
  if (layout === 'none') return { detector: null, notes: [] };
  const pair = findBoxOutputs(network);
  if (layout === 'ssd' || (layout === undefined && pair?.scores === 0)) {
    return readPair(network, hints);
  }
  const head = mainHead(network);
  if (layout !== undefined) return readStated(head, layout, hints);
  const found = readSingle(network, head, hints);
  if (found !== null) return found;
  const after = findAfterSuppression(network);
  if (after === null) return { detector: null, notes: [] };
  return {
    detector: null,
    notes: [
      `${after} look like boxes of a detector after non-maximum suppression: which box a row holds changes with the picture and has no gradient, so they are no targets; export the model without it, or explain any number with element:<i,j,..>`,
    ],
  };
}

function readPair(network: Network, { stated, nameCounts }: DetectorHints): RecognisedDetector {
  const pair = findBoxOutputs(network);
  const scores = mainHead(network);
  if (pair?.scores !== 0) {
    const all = network.heads.map((head) => `${nameOfHead(head)} [${head.shape.join(', ')}]`);
    throw new GradcamError(
      'argument',
      `boxes ssd: expected an output of scores [n, classes] that is explained and one of boxes [n, 4] of as many places; the outputs are ${all.join(', ')}; choose the scores with --output`,
    );
  }
  const boxes = network.heads[pair.boxes]!;
  const places = boxes.classes / 4;
  const width = scores.classes / places;
  const classes = stated.classes ?? width;
  checkClasses(classes, width);
  const detector: Detector = {
    layout: 'ssd',
    places,
    classes,
    width,
    placesLast: false,
    boxes: nameOfHead(boxes),
    stated,
  };
  const names = `${nameOfHead(scores)} and ${nameOfHead(boxes)}`;
  const said = stated.layout === undefined ? ` (${NOT_ONE})` : '';
  const extra = nameCounts.some((count) => count === width) ? '' : adviseNames(classes);
  return {
    detector,
    notes: [
      `the outputs ${names} are read as scores and boxes of ${places} places, ${classes} ${classes === 1 ? 'class' : 'classes'}${extra}${said}`,
    ],
  };
}

function adviseNames(classes: number): string {
  return classes === 1 ? '' : ', of which one may be the background';
}

/** Reads a layout that the caller states. The longer axis holds the places. */
function readStated(
  head: Head,
  layout: 'yolov5' | 'yolov8' | 'yolox',
  { stated, size }: DetectorHints,
): RecognisedDetector {
  const { shape } = head;
  // An output of one grid may keep its rows and columns as axes.
  const [a, b] =
    shape.length === 3 ? [shape[0]! * shape[1]!, shape[2]!] : (shape as [number, number?]);
  const fewest = layout === 'yolov8' ? 5 : 6;
  if (a === undefined || b === undefined || shape.length > 3 || Math.min(a, b) < fewest) {
    throw new GradcamError(
      'argument',
      `boxes ${layout}: expected an output [places, ${fewest} or more] or [${fewest} or more, places], found [${shape.join(', ')}]; choose another with --output`,
    );
  }
  const isGrid = (places: number): boolean => boxesPerCell(places, size) !== null;
  const placesLast = isGrid(a) === isGrid(b) ? b > a : isGrid(b);
  const detector = makeYolo(layout, placesLast ? [b, a] : [a, b], placesLast, stated);
  if (layout === 'yolox') checkYoloxPlaces(detector.places, size);
  return { detector, notes: [] };
}

/** Recognises one output that holds boxes and scores. */
function readSingle(
  network: Network,
  head: Head,
  { size, stated, nameCounts }: DetectorHints,
): RecognisedDetector | null {
  const { shape, activation } = head;
  const [a = 0, b = 0] = shape;
  // A softmax over boxes makes no sense, and an output with rows and columns is a map.
  if (shape.length !== 2 || activation === 'softmax') return null;
  const raw = recogniseYolox(network, head, { size, stated });
  if (raw !== null) return { detector: raw.detector, notes: [raw.note] };
  const [first, second] = [boxesPerCell(a, size), boxesPerCell(b, size)];
  if ((first === null) === (second === null)) return null;
  const placesLast = second !== null;
  const perCell = (first ?? second)!;
  const [places, width] = placesLast ? [b, a] : [a, b];
  if (width < 5) return null;
  const masks = countMaskNumbers(network, head);
  const named = (others: number): boolean => nameCounts.includes(width - others - masks);
  const isOpen = !placesLast && perCell === 1 && width > 5;
  const hasObjectness =
    width > 5 && (isOpen ? named(5) && !named(4) : perCell === 3 && (!named(4) || named(5)));
  const layout = hasObjectness ? 'yolov5' : 'yolov8';
  const reading =
    masks === 0 || stated.classes !== undefined
      ? stated
      : { ...stated, classes: width - masks - (hasObjectness ? 5 : 4) };
  const detector = makeYolo(layout, [places, width], placesLast, reading);
  const other =
    isOpen && !named(4) && !named(5)
      ? '; YOLOX and YOLOv6 write an objectness before the classes, for which say --boxes yolov5'
      : '';
  const unread =
    masks === 0 ? '' : `; the ${masks} numbers behind them are taken for masks and not read`;
  return {
    detector,
    notes: [
      `the output ${nameOfHead(head)} is read as boxes, ${describeLayout(detector)}${unread} (${NOT_ONE}${other})`,
    ],
  };
}

/**
 * The number of mask coefficients after the classes. A model that also segments has them, and its
 * prototypes are another output.
 */
function countMaskNumbers({ heads }: Network, head: Head): number {
  const isPrototype = ({ shape }: Head): boolean =>
    shape.length === 3 && (shape[2] === 32 || shape[0] === 32);
  return heads.some((one) => one !== head && isPrototype(one)) ? 32 : 0;
}
