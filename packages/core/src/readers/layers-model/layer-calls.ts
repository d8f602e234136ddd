import { GradcamError } from '../../base/errors.ts';
import { asList, asObject, type Json } from './topology-json.ts';

/** The source of a layer's input: one output of one call of a layer. */
export interface TensorSource {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
  /** Set for a mask, which Keras 3 writes among the inputs. */
  readonly isMask?: true;
}

/**
 * One argument of a call: the value of another layer, a constant of the JSON, or a list that contains
 * values.
 */
export type Argument =
  /** The value at index `place` among the sources of the call. */
  | { readonly kind: 'value'; readonly place: number }
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Argument[] };

/** The arguments of a call. Operators take numbers and slices in addition to values. */
export interface CallArguments {
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
}

/** A slice of one axis, as in `x[2:8]`; null for a bound that is not stated. */
export interface SliceSpec {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;
}

/** The constant that stands for `...` among the indices of a slice. */
export const ELLIPSIS = '...';

/** The most characters of JSON that a message shows. */
const SHOWN = 80;

/** Keras 2 writes this name for a first argument that is a constant. */
const CONSTANT = '_CONSTANT_VALUE';

/**
 * Reads one element of `inbound_nodes`.
 *
 * @param layer the layer as messages call it, with its class.
 *
 * Keras 3 writes `{args, kwargs}` that contain tensors. Keras 2 and tfjs write a list of `[layer, call,
 * output, kwargs]`. For an operator (TFOpLambda) they write a single value without the outer list, and
 * the other arguments in kwargs, with tensors as `[layer, call, output]`.
 */
export function readLayerCall(
  call: unknown,
  layer: string,
): { readonly sources: readonly TensorSource[]; readonly given: CallArguments } {
  const sources: TensorSource[] = [];
  const given = Array.isArray(call)
    ? readListedCall(call, layer, sources)
    : readCallObject(asObject(call, `${layer}: inbound_nodes`), layer, sources);
  return { sources, given };
}

function readCallObject(call: Json, layer: string, sources: TensorSource[]): CallArguments {
  const { args = [], kwargs } = call;
  if (!('args' in call || 'kwargs' in call)) {
    throw refuseNested(layer, 'values by their names', call);
  }
  const { mask, ...others } = (kwargs ?? {}) as Json;
  const given = {
    args: (Array.isArray(args) ? (args as unknown[]) : [args]).map((one) =>
      readArgument(one, sources),
    ),
    kwargs: mapObject(others, (one) => readArgument(one, sources)),
  };
  const masks: TensorSource[] = [];
  readArgument(mask, masks);
  sources.push(...masks.map((source) => ({ ...source, isMask: true as const })));
  return given;
}

function readArgument(value: unknown, sources: TensorSource[]): Argument {
  if (isTensor(value)) {
    const history = asObject(value['config'], '__keras_tensor__')['keras_history'];
    sources.push(readSource(history, 'keras_history'));
    return { kind: 'value', place: sources.length - 1 };
  }
  if (Array.isArray(value) && holdsTensor(value)) {
    return { kind: 'list', items: value.map((item) => readArgument(item, sources)) };
  }
  return { kind: 'constant', value: decodeConstant(value) };
}

function isTensor(value: unknown): value is Json {
  return isObject(value) && value['class_name'] === '__keras_tensor__';
}

function holdsTensor(value: unknown): boolean {
  return Array.isArray(value) ? value.some(holdsTensor) : isTensor(value);
}

/**
 * Decodes a constant: arrays become nested lists, slices {@link SliceSpec} and `...` {@link ELLIPSIS};
 * other values stay as they are.
 */
export function decodeConstant(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeConstant);
  if (!isObject(value)) return value;
  const config = isObject(value['config']) ? value['config'] : {};
  switch (value['class_name']) {
    case '__tensor__':
    case '__numpy__':
      return config['value'];
    case '__ellipsis__':
      return ELLIPSIS;
    case '__slice__':
      return { start: config['start'], stop: config['stop'], step: config['step'] };
    default:
      return value;
  }
}

function readListedCall(
  call: readonly unknown[],
  layer: string,
  sources: TensorSource[],
): CallArguments {
  const isBare = typeof call[0] === 'string';
  const entries = isBare ? [call] : call;
  const args = entries.map((entry): Argument => {
    const [name, place, value] = asList(entry, `${layer}: inbound_nodes`);
    if (name === CONSTANT && place === -1) return { kind: 'constant', value };
    if (Array.isArray(name)) throw refuseNested(layer, 'lists of values inside a list', entry);
    sources.push(readSource(entry, `${layer}: inbound_nodes`));
    return { kind: 'value', place: sources.length - 1 };
  });
  const options = (entries[0] as unknown[] | undefined)?.[3];
  const given = isObject(options) ? options : {};
  return {
    args: isBare ? args : [{ kind: 'list', items: args }],
    kwargs: mapObject(given, (one) => readKeras2Option(one, layer, sources)),
  };
}

/**
 * Reads one of Keras 2's kwargs. A tensor is `[layer, call, output]` there, and only this form
 * distinguishes it from a list.
 */
function readKeras2Option(value: unknown, layer: string, sources: TensorSource[]): Argument {
  if (isKeras2Source(value)) {
    sources.push(readSource(value, `${layer}: inbound_nodes`));
    return { kind: 'value', place: sources.length - 1 };
  }
  return { kind: 'constant', value: decodeConstant(value) };
}

/** What Keras 2 writes for a layer that takes its values in a structure, as layers of people's own do. */
function refuseNested(layer: string, what: string, found: unknown): GradcamError {
  return new GradcamError(
    'unsupported',
    `${layer}: it is called with ${what}, where one value or one list of values is read (inbound_nodes: ${shorten(found)}); call the layer with a single list and save the model again, or export the model to ONNX`,
  );
}

function isKeras2Source(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [layer, call, output] = value as unknown[];
  return typeof layer === 'string' && Number.isInteger(call) && Number.isInteger(output);
}

/** Reads `[layer, call, output, ..]`. */
export function readSource(value: unknown, where: string): TensorSource {
  const [layer, call = 0, output = 0] = asList(value, where);
  if (typeof layer !== 'string' || typeof call !== 'number' || typeof output !== 'number') {
    throw new GradcamError(
      'model',
      `${where}: expected [layer, call, output], found ${shorten(value)}`,
    );
  }
  return { layer, call, output };
}

/** The beginning of a value's JSON, because a value may be as long as the model. */
function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}..`;
}

function mapObject(record: Json, read: (value: unknown) => Argument): Record<string, Argument> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, read(value)]));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
