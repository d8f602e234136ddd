import type { Op } from '../../../network/op.ts';
import { countWindowSteps, resolvePadding } from '../../../network/padding.ts';
import { readPaddingMode } from './convolution.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';
import { createTerms } from './terms.ts';

/**
 * Layers without weights over [steps, channels], which occur in image models after rows or cells were put
 * into a sequence. They are written as layers of an image with one column.
 */

/** `GlobalAveragePooling1D` */
export function readGlobalAveragePooling1d(call: LayerCall): Value {
  return readGlobalPooling(call, 'globalAveragePool');
}

/** `GlobalMaxPooling1D` */
export function readGlobalMaxPooling1d(call: LayerCall): Value {
  return readGlobalPooling(call, 'globalMaxPool');
}

function readGlobalPooling(call: LayerCall, kind: 'globalAveragePool' | 'globalMaxPool'): Value {
  if (kind === 'globalAveragePool' && onlyInput(call).mask !== undefined)
    return averageCounted(call);
  const { column, channels } = toColumn(call);
  if (!call.attributes.flag('keepdims', false)) return call.emit({ kind }, [column], [channels]);
  const pooled = call.emit({ kind }, [column], [channels], { part: 'pooled' });
  return call.emit({ kind: 'reshape' }, [pooled], [1, channels]);
}

/** The mean over the steps that count. */
function averageCounted(call: LayerCall): Value {
  const input = onlyInput(call);
  const [steps, channels] = input.shape as readonly [number, number];
  const terms = createTerms(call);
  const mask = terms.of({ node: input.mask!, shape: [steps] });
  const counts = terms.reshape(mask, [steps, 1]);
  const sum = terms.sum(terms.multiply(terms.of(input), counts), [0]);
  const mean = terms.apply({ kind: 'divide' }, [sum, terms.sum(counts, [0])], [1, channels]);
  const keeps = call.attributes.flag('keepdims', false);
  return (keeps ? mean : terms.reshape(mean, [channels])).write('output');
}

/** `MaxPooling1D` */
export function readMaxPooling1d(call: LayerCall): Value {
  return readPooling(call, 'maxPool');
}

/** `AveragePooling1D` */
export function readAveragePooling1d(call: LayerCall): Value {
  return readPooling(call, 'averagePool');
}

function readPooling(call: LayerCall, kind: 'maxPool' | 'averagePool'): Value {
  const { column, steps, channels } = toColumn(call);
  const size = [readCount(call, 'pool_size', 2), 1] as const;
  const strides = [readCount(call, 'strides', size[0]), 1] as const;
  const window = { size, strides, dilations: [1, 1] as const };
  const padding = resolvePadding(readPaddingMode(call), [steps, 1], window);
  const [left] = countWindowSteps([steps, 1], window, padding);
  if (left < 1) call.attributes.refuse('pool_size', `at most the ${steps} steps`);
  return fromColumn(call, { kind, size, strides, padding }, column, left, channels);
}

/** `UpSampling1D` */
export function readUpSampling1d(call: LayerCall): Value {
  const { column, steps, channels } = toColumn(call);
  const factor = readCount(call, 'size', 2);
  const op = { kind: 'resizeNearest', factors: [factor, 1] } as const;
  return fromColumn(call, op, column, steps * factor, channels);
}

/** `ZeroPadding1D` */
export function readZeroPadding1d(call: LayerCall): Value {
  const { column, steps, channels } = toColumn(call);
  const [top, bottom] = readEdges(call, 'padding');
  const padding = { top, bottom, left: 0, right: 0 };
  return fromColumn(call, { kind: 'pad', padding }, column, steps + top + bottom, channels);
}

/** `Cropping1D` */
export function readCropping1d(call: LayerCall): Value {
  const { column, steps, channels } = toColumn(call);
  const [top, bottom] = readEdges(call, 'cropping');
  if (top + bottom >= steps) call.attributes.refuse('cropping', `less than the ${steps} steps`);
  const padding = { top, bottom, left: 0, right: 0 };
  return fromColumn(call, { kind: 'crop', padding }, column, steps - top - bottom, channels);
}

function toColumn(call: LayerCall): { column: Value; steps: number; channels: number } {
  const input = onlyInput(call);
  const [steps, channels] = input.shape;
  if (input.shape.length !== 2 || !steps || !channels) {
    const found = `[${input.shape.join(', ')}]`;
    return call.attributes.refuse('inbound_nodes', `steps and channels as input, not ${found}`);
  }
  const shape = [steps, 1, channels];
  const column = call.emit({ kind: 'reshape' }, [input], shape, { part: 'column' });
  return { column, steps, channels };
}

function fromColumn(
  call: LayerCall,
  op: Op,
  column: Value,
  steps: number,
  channels: number,
): Value {
  const made = call.emit(op, [column], [steps, 1, channels], { part: 'made' });
  return call.emit({ kind: 'reshape' }, [made], [steps, channels]);
}

/** `n` or `[first, last]`; 1 if it is not stated. */
function readEdges(call: LayerCall, name: string): [first: number, last: number] {
  const value = call.attributes.raw(name) ?? 1;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value, value];
  const isCount = (edge: unknown): edge is number =>
    Number.isInteger(edge) && (edge as number) >= 0;
  const [first, last] = list;
  if (list.length === 2 && isCount(first) && isCount(last)) return [first, last];
  return call.attributes.refuse(name, 'n or [first, last], none below 0');
}

/** One number, which Keras and tfjs also write as a list of one. */
function readCount(call: LayerCall, name: string, fallback: number): number {
  const value = call.attributes.raw(name) ?? fallback;
  const count: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (Number.isInteger(count) && (count as number) > 0) return count as number;
  return call.attributes.refuse(name, 'a number from 1 on');
}
