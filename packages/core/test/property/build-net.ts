import { countElements } from '../../src/base/nd-array.ts';
import {
  functionalModel,
  input,
  layer,
  type LayerSpec,
  type TestModel,
} from '../helper/keras-model.ts';
import { drawDyadic, type Draw } from './draw-weights.ts';
import type { NetPlan } from './net-plan.ts';
import { placeSmooth, placeStep, type Placed } from './place-step.ts';

/** Sizes beyond which a step is left out, to keep a run in milliseconds. */
const LARGEST_SIDE = 14;
const MOST_CHANNELS = 8;

const CLASSES = 3;

/** The net of a plan, and names of its layers with an image as output, in order. */
export interface BuiltNet {
  readonly model: TestModel;
  /** Layers before the first smooth one: their values are exact. */
  readonly taps: readonly string[];
  /** Smooth layers: derivatives there are differences of terms near one, which float32 rounds. */
  readonly smooth: readonly string[];
  /** Whether a smooth layer or a mean makes gradients that float32 rounds. */
  readonly isRounded: boolean;
}

/** Builds the net of a plan; steps that do not fit are left out. */
export function buildNet(plan: NetPlan, draw: Draw = drawDyadic(plan.seed)): BuiltNet {
  const layers: LayerSpec[] = [input('image', ...plan.image)];
  const placed: Placed[] = [{ name: 'image', shape: plan.image }];
  const add = (spec: LayerSpec | null, shape: readonly number[]): void => {
    if (spec === null || !fits(shape)) return;
    layers.push({ inputs: [placed.at(-1)!.name], ...spec });
    placed.push({ name: spec.name, shape: shape as Placed['shape'] });
  };
  for (const step of plan.steps) {
    const name = `${step.op}${placed.length}`;
    const { spec, shape } = placeStep(step, name, placed, draw);
    add(spec, shape);
  }
  const taps = placed.slice(1).map(({ name }) => name);
  for (const step of plan.smooth) {
    const name = `smooth${placed.length}`;
    const { spec, shape } = placeSmooth(step, name, placed.at(-1)!);
    add(spec, shape);
  }
  const smooth = placed.slice(1 + taps.length).map(({ name }) => name);
  layers.push(...buildTail(plan, placed.at(-1)!, smooth.length === 0, draw));
  const isRounded = smooth.length > 0 || plan.tail !== 'flatten';
  return { model: functionalModel(layers), taps, smooth, isRounded };
}

function fits([height = 0, width = 0, channels = 0]: readonly number[]): boolean {
  const isSide = (side: number): boolean => side >= 1 && side <= LARGEST_SIDE;
  return isSide(height) && isSide(width) && channels <= MOST_CHANNELS;
}

function buildTail(
  { tail, hidden, ends }: NetPlan,
  { name, shape }: Placed,
  isExact: boolean,
  draw: Draw,
): LayerSpec[] {
  const className = {
    flatten: 'Flatten',
    mean: 'GlobalAveragePooling2D',
    // A maximum has kinks, so a mean takes its place after what is smooth.
    max: isExact ? 'GlobalMaxPooling2D' : 'GlobalAveragePooling2D',
  }[tail];
  const layers: LayerSpec[] = [{ ...layer(className, 'pooled'), inputs: [name] }];
  let size = tail === 'flatten' ? countElements(shape) : shape[2];
  const dense = (name: string, units: number, activation: string): LayerSpec =>
    layer(
      'Dense',
      name,
      { units, activation },
      { kernel: draw([size, units]), bias: draw([units], [-1, 0, 1]) },
    );
  // A mean over the grid is rounded too, so no ReLU may follow it.
  if (hidden > 0 && isExact && className !== 'GlobalAveragePooling2D') {
    layers.push(dense('hidden', hidden, 'relu'));
    size = hidden;
  }
  return [...layers, dense('scores', CLASSES, ends === 'logits' ? 'linear' : ends)];
}
