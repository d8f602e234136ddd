import { integerConstant, reshapeConstant, type Constant } from '../../graph/constant.ts';
import { cutValue } from '../../graph/cut-value.ts';
import { gatherConstant } from '../../graph/fold/indexing.ts';
import { concatenateConstants } from '../../graph/fold/rearrange.ts';
import { reshapeValue } from '../../graph/layout.ts';
import type { Value, ValueList } from '../../graph/value.ts';
import {
  asInOnnx,
  constantAt,
  contradictory,
  type DefCall,
  integersAt,
  numberAt,
  type TranslateDef,
  unsupported,
} from '../def-call.ts';
import { partTranslators } from '../../onnx-file/ops/parts.ts';

/**
 * Lists of values, in which a loop collects what each of its rounds computes. `TensorArray..` is how
 * TensorFlow 1 writes them and `TensorList..` how TensorFlow 2 does. The handle of a TensorArray tells
 * nothing; its items travel with the input that is called flow.
 */

/** The most items of a list. A batch has one, and a sequence as many as it has steps. */
const MOST_ITEMS = 4096;

function listAt(call: DefCall, index: number): ValueList {
  const found = call.inputs[index];
  if (found?.kind === 'list') return found;
  throw contradictory(call, `its input ${index} is not a list of values`);
}

function emptyList(call: DefCall, size: number): ValueList {
  if (!Number.isSafeInteger(size) || size < 0 || size > MOST_ITEMS) {
    throw unsupported(
      call,
      `a list of ${size} values is not supported; the limit is ${MOST_ITEMS}`,
    );
  }
  return { kind: 'list', items: new Array<null>(size).fill(null) };
}

/** The parts of a value along its first axis. That of a batch has one part, the picture. */
function takeApart(call: DefCall, index: number): Value[] {
  const value = call.inputs[index];
  if (value === undefined || value.kind === 'list' || value.kind === 'failure') {
    throw contradictory(call, `its input ${index} is not one value`);
  }
  if (value.kind !== 'constant' && value.kind !== 'node') {
    throw unsupported(call, 'a list of truth values is not supported');
  }
  const [count = 0, ...shape] = value.shape;
  emptyList(call, count);
  return Array.from({ length: count }, (_, place): Value => {
    if (value.kind === 'constant') {
      const at = integerConstant(`${call.name}/place ${place}`, [place], []);
      return gatherConstant({ ...call, name: `${call.name}/item ${place}` }, value, 0, at);
    }
    const part =
      count === 1 ? value : cutValue(call.builder, value, 0, { start: place, step: 1, length: 1 });
    return reshapeValue(call.builder, part, shape);
  });
}

/** Puts the items of a list side by side along a new first axis. */
function putTogether(call: DefCall, { items }: ValueList): readonly Value[] {
  const values = items.map((item): Value => {
    if (item === null) throw contradictory(call, 'an item of its list is never written');
    return item;
  });
  const rows = values.map((value): Value => {
    if (value.kind === 'constant') {
      return reshapeConstant(value, `${value.name}/row`, [1, ...value.shape]);
    }
    if (value.kind === 'failure') throw value.error;
    if (value.kind === 'node') {
      const row = reshapeValue(call.builder, value, [1, ...value.shape]);
      return values.length > 1 ? { ...row, batch: null } : row;
    }
    throw unsupported(call, 'a list of such values is not supported');
  });
  if (rows.length === 1) return rows;
  if (rows.length > 0 && rows.every(isConstant)) {
    return [concatenateConstants(call, rows, 0)];
  }
  return asInOnnx(partTranslators['Concat']!, call, rows, { axis: 0 });
}

function isConstant(value: Value): value is Constant {
  return value.kind === 'constant';
}

function itemAt(call: DefCall, { items }: ValueList, index: number): readonly Value[] {
  const place = numberAt(call, index, 'index');
  const item = items[place] ?? null;
  if (item === null) throw contradictory(call, `item ${place} of its list is not written`);
  return [item];
}

function withItem(
  call: DefCall,
  { items }: ValueList,
  index: number,
  value: Value | undefined,
): readonly Value[] {
  const place = numberAt(call, index, 'index');
  if (value === undefined || !Number.isSafeInteger(place) || place < 0 || place >= items.length) {
    throw contradictory(call, `item ${place} of a list of ${items.length}`);
  }
  return [{ kind: 'list', items: items.map((item, i) => (i === place ? value : item)) }];
}

/** `TensorArrayScatterV3`: its indices are those of the parts in their order, as unstacking writes them. */
const scatter: TranslateDef = (call) => {
  const parts = takeApart(call, 2);
  const indices = integersAt(call, 1, 'indices');
  if (indices.some((index, i) => index !== i) || indices.length !== parts.length) {
    throw unsupported(call, 'a list that is written in another order is not supported');
  }
  return [{ kind: 'list', items: parts }];
};

const create: TranslateDef = (call) => {
  const list = emptyList(call, numberAt(call, 0, 'size'));
  return [list, list];
};

const gather: TranslateDef = (call) => {
  const list = listAt(call, 2);
  const indices = Array.from(constantAt(call, 1, 'indices').values());
  return putTogether(call, {
    kind: 'list',
    items: indices.map((index) => list.items[index] ?? null),
  });
};

export const listOps: Readonly<Record<string, TranslateDef>> = {
  TensorArrayV3: create,
  TensorArrayScatterV3: scatter,
  TensorArrayReadV3: (call) => itemAt(call, listAt(call, 2), 1),
  TensorArrayWriteV3: (call) => withItem(call, listAt(call, 3), 1, call.inputs[2]),
  TensorArrayGatherV3: gather,
  TensorArraySizeV3: (call) => [integerConstant(call.name, [listAt(call, 1).items.length], [])],
  TensorListReserve: (call) => [emptyList(call, numberAt(call, 1, 'size'))],
  TensorListFromTensor: (call) => [{ kind: 'list', items: takeApart(call, 0) }],
  TensorListGetItem: (call) => itemAt(call, listAt(call, 0), 1),
  TensorListSetItem: (call) => withItem(call, listAt(call, 0), 1, call.inputs[2]),
  TensorListStack: (call) => putTogether(call, listAt(call, 0)),
  TensorListLength: (call) => [integerConstant(call.name, [listAt(call, 0).items.length], [])],
};
