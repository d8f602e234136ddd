import {
  closeShape,
  findInputLayouts,
  imageShapeOf,
  type InputLayout,
  type OpenShape,
} from '../../network/input-layout.ts';
import { declaredShape, type LayerRecord, type ModelRecord } from './keras-topology.ts';
import type { Value } from './layers/layer-reader.ts';
import { emitNode, type Reading } from './reading.ts';

/**
 * Emits an input. A picture enters as [height, width, channels]; a node after it makes the order of the
 * model.
 */
export function emitInput(layer: LayerRecord, prefix: string, reading: Reading): Value {
  const name = prefix + layer.name;
  const layout = reading.layouts.get(layer.name) ?? null;
  const open = openShape(layer);
  const { shape, note } = closeShape(name, open, layout, reading.options);
  if (open.includes(null)) reading.openInputs.push(name);
  if (note !== null) reading.notes.push(note);
  reading.inputs.push(name);
  if (layout === null || layout === 'hwc') {
    return emitNode(reading, { name, op: { kind: 'input' }, inputs: [], shape });
  }
  const image = emitNode(reading, {
    name,
    op: { kind: 'input' },
    inputs: [],
    shape: imageShapeOf(shape, layout),
  });
  const op =
    layout === 'chw' ? { kind: 'permute' as const, dims: [2, 0, 1] } : { kind: 'reshape' as const };
  return emitNode(reading, { name: `${name}/as the model takes it`, op, inputs: [image], shape });
}

/** Layouts of the inputs of the outermost model, by their names. */
export function readLayouts(model: ModelRecord): ReadonlyMap<string, InputLayout | null> {
  const inputs = model.layers.filter(({ className }) => className === 'InputLayer');
  const layouts = findInputLayouts(inputs.map(openShape));
  return new Map(inputs.map(({ name }, i) => [name, layouts[i]!]));
}

/** The sizes that an input states. An input without sizes takes a colour picture of any size. */
function openShape({ config }: LayerRecord): OpenShape {
  const declared = declaredShape(config);
  if (!Array.isArray(declared)) return [null, null, 3];
  return (declared as unknown[]).slice(1).map((size) => (typeof size === 'number' ? size : null));
}

/** Sorts inputs as the model lists them. Its layers may stand in another order, by their depth. */
export function inModelOrder(found: readonly string[], model: ModelRecord): string[] {
  const order = new Map(model.inputs.map(({ layer }, place) => [layer, place]));
  const placeOf = (name: string): number => order.get(name) ?? order.size;
  return [...found].sort((a, b) => placeOf(a) - placeOf(b));
}
