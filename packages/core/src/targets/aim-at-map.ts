import type { Region } from '../base/rectangle.ts';
import type { Geometry } from '../image/geometry.ts';
import { cellAt, cellCentre } from '../image/geometry.ts';
import { GradcamError } from '../base/errors.ts';
import type { AimedTarget } from './aimed-target.ts';
import { belongsTo, channelOf, rankMapClasses, type MapScores } from './map-classes.ts';
import { countClasses, type OutputShape } from '../network/output-kind.ts';
import type { PlaceTargetSpec } from './place-target.ts';
import type { ClassTargetSpec, TargetSpec } from './target.ts';

type MapTargetSpec = ClassTargetSpec | Exclude<PlaceTargetSpec, { kind: 'element' }>;

/** Whether the places of a target depend on which class this image has at each place. */
export function readsMapScores({ kind }: TargetSpec): boolean {
  return !['value', 'pixel', 'element', 'function', 'similar'].includes(kind);
}

/**
 * Aims a target at an output with rows and columns: its score is the sum of a class's scores over some
 * places. These places are chosen once, on the unchanged image, so that methods that change the image
 * keep asking about the same places.
 *
 * @throws GradcamError `argument` for a place outside the part of the image that the model saw.
 */
export function aimAtMap(
  spec: MapTargetSpec,
  output: OutputShape,
  scores: ArrayLike<number> | null,
  geometry: Geometry,
): AimedTarget {
  if (spec.kind === 'value' || countClasses(output) === 0) {
    const isNot = spec.kind === 'not';
    return aimAt(isNot ? 0 : -1, new Float32Array(output.classes).fill(isNot ? -1 : 1));
  }
  if (spec.kind === 'pixel') {
    const direction = new Float32Array(output.classes);
    addPlace(direction, output, placeOf(spec, output, geometry), spec.index, 1);
    return aimAt(spec.index, direction, output);
  }
  if (scores === null) throw new Error('the scores of the image must be known first');
  const map = { output, scores };
  const index = spec.kind === 'rank' ? rankMapClasses(map)[spec.rank]!.index : spec.index;
  const within = spec.kind === 'region' ? spec.within : undefined;
  const places = listPlaces(map, index, within, geometry);
  const direction = new Float32Array(output.classes);
  for (const place of places) {
    addPlace(direction, output, place, index, spec.kind === 'not' ? -1 : 1);
    if (spec.kind === 'contrast') addPlace(direction, output, place, spec.than, -1);
  }
  const aimed = aimAt(index, direction, output);
  if (places.length > 0) return aimed;
  const where = within === undefined ? 'in this image' : 'inside the rectangle';
  return {
    ...aimed,
    blank: `no place ${where} is of this class, so there is nothing to explain`,
  };
}

function aimAt(index: number, direction: Float32Array, output?: OutputShape): AimedTarget {
  return {
    seed: { score: 'logit', of: { direction } },
    classOf: () => index,
    probabilityOf: (probabilities) =>
      output === undefined ? undefined : meanProbability(probabilities, direction, output, index),
  };
}

/** The mean probability over the places of the target; undefined for an output without probabilities. */
function meanProbability(
  probabilities: Float64Array,
  direction: Float32Array,
  output: OutputShape,
  index: number,
): number | undefined {
  const channels = output.shape[2]!;
  const { channel, sign } = channelOf(output, index);
  let [sum, count] = [0, 0];
  for (let i = channel; i < direction.length; i += channels) {
    if (direction[i] === 0) continue;
    sum += sign === 1 ? probabilities[i]! : 1 - probabilities[i]!;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}

function listPlaces(
  map: MapScores,
  index: number,
  within: Region | undefined,
  geometry: Geometry,
): number[] {
  const [rows = 0, columns = 0] = map.output.shape;
  const places: number[] = [];
  for (let place = 0; place < rows * columns; place++) {
    if (!belongsTo(map, place, index)) continue;
    const centre = cellCentre(
      geometry,
      [rows, columns],
      Math.floor(place / columns),
      place % columns,
    );
    if (within === undefined || contains(within, centre)) places.push(place);
  }
  return places;
}

function contains({ x, y, width, height }: Region, point: { x: number; y: number }): boolean {
  return point.x >= x && point.x < x + width && point.y >= y && point.y < y + height;
}

function placeOf(
  { x, y }: { readonly x: number; readonly y: number },
  { shape: [rows = 0, columns = 0] }: OutputShape,
  geometry: Geometry,
): number {
  // The centre of the pixel, because its coordinates are those of its upper left corner.
  const cell = cellAt(geometry, [rows, columns], { x: x + 0.5, y: y + 0.5 });
  if (cell !== null) return cell.row * columns + cell.column;
  const { image, view } = geometry;
  throw new GradcamError(
    'argument',
    `pixel ${x},${y} is outside the part that the model saw of this image of ${image.width} x ${image.height} pixels: x from ${Math.ceil(Math.max(0, view.x))} and y from ${Math.ceil(Math.max(0, view.y))}, ${Math.floor(Math.min(view.width, image.width))} x ${Math.floor(Math.min(view.height, image.height))} pixels; choose another pixel, or --fit squash`,
  );
}

function addPlace(
  direction: Float32Array,
  output: OutputShape,
  place: number,
  index: number,
  factor: number,
): void {
  const { channel, sign } = channelOf(output, index);
  direction[place * output.shape[2]! + channel]! += sign * factor;
}
