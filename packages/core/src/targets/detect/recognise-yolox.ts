import { GradcamError } from '../../base/errors.ts';
import type { BoxReading } from '../../network/box-reading.ts';
import { describeLayout, type Detector } from '../../network/detector.ts';
import { nameOfHead, type Head, type Network } from '../../network/network.ts';
import { makeYolo } from './make-yolo.ts';
import { findRawYolox } from './raw-yolox.ts';
import { countYoloxCells } from './yolox-grids.ts';

/**
 * Recognises by its graph an output that is YOLOX's before its boxes are decoded. Its shape is also that of
 * decoded boxes.
 */
export function recogniseYolox(
  network: Network,
  head: Head,
  { size, stated }: { readonly size: readonly [number, number]; readonly stated: BoxReading },
): { detector: Detector; note: string } | null {
  const [places = 0, width = 0] = head.shape;
  if (head.shape.length !== 2 || places !== countYoloxCells(size)) return null;
  const kind = findRawYolox(network, head, width);
  if (kind === null) return null;
  const reading = kind === 'scores' ? { activation: 'sigmoid' as const, ...stated } : stated;
  const detector = makeYolo('yolox', [places, width], false, reading);
  const scores = kind === 'scores' ? ', scores through a sigmoid' : '';
  return {
    detector,
    note: `the output ${nameOfHead(head)} is read as boxes, ${describeLayout(detector)}${scores}, by the graph, which adds no cells behind its convolutions (--boxes yolov5 if they are decoded, --boxes none if these are not boxes)`,
  };
}

/**
 * Checks what is stated with the layout `yolox`, whose boxes have one form.
 *
 * @throws GradcamError `argument` for a form or unit, which would be ignored.
 */
export function checkYoloxStated({ form, units }: BoxReading): void {
  const word = form ?? units;
  if (word === undefined) return;
  throw new GradcamError(
    'argument',
    `boxes ${word}: the layout yolox has offsets and logarithms, which become boxes in pixels; leave the word out, or state yolov5 for boxes that are decoded`,
  );
}

/**
 * Checks that an output has one place for each cell of YOLOX's grids.
 *
 * @throws GradcamError `argument` for another number of places.
 */
export function checkYoloxPlaces(places: number, size: readonly [number, number]): void {
  const cells = countYoloxCells(size);
  if (places === cells) return;
  throw new GradcamError(
    'argument',
    `boxes yolox: expected ${cells} places, the cells of strides 8, 16 and 32 of an input of ${size.join(' x ')}, found ${places}`,
  );
}
