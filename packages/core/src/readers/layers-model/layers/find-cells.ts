import { readLayerAttributes, type LayerAttributes } from '../layer-attributes.ts';
import type { LayerCall } from './layer-reader.ts';
import {
  readGruCell,
  readLstmCell,
  readSimpleCell,
  type Cell,
  type CellSource,
} from './recurrent-cells.ts';
import type { Term, Terms } from './terms.ts';

/** The cell of each recurrent layer, and of the cells that `RNN` takes. */
const cellReaders: Readonly<Record<string, (source: CellSource, terms: Terms) => Cell>> = {
  GRU: readGruCell,
  GRUCell: readGruCell,
  LSTM: readLstmCell,
  LSTMCell: readLstmCell,
  SimpleRNN: readSimpleCell,
  SimpleRNNCell: readSimpleCell,
};

/**
 * The most steps that are written one after another. Each step is a dozen nodes, and its gradient two dozen;
 * 512 steps of an LSTM are opened in about two seconds.
 */
export const MAX_STEPS = 512;

/** A layer, or one direction of `Bidirectional`. */
export interface Direction extends Pick<LayerCall, 'name' | 'writer' | 'attributes' | 'weight'> {
  readonly className: string;
}

/** What stands before `kernel` in the name of each cell's weights, such as `lstm_cell/`. */
export function cellNames(weights: readonly string[]): readonly string[] {
  const kernels = weights.filter((name) => /(^|\/)kernel$/.test(name));
  return kernels.map((name) => name.slice(0, -'kernel'.length));
}

interface SavedLayer {
  readonly class_name?: unknown;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The cell of a layer: its own, that of an `RNN`, or several that work one above the other. */
export function readCells(
  layer: Direction,
  features: number,
  terms: Terms,
  prefixes: readonly string[],
): Cell {
  let read = 0;
  const readOne = (className: string, attributes: LayerAttributes, features: number): Cell => {
    const prefix = prefixes[read++] ?? '';
    return cellReaders[className]!(
      {
        ...{ name: layer.name, writer: layer.writer, attributes, features },
        weight: (role, shape) => layer.weight(prefix + role, shape),
      },
      terms,
    );
  };
  if (layer.className !== 'RNN') return readOne(layer.className, layer.attributes, features);
  const cells = listCells(layer.attributes.raw('cell'));
  if (cells === null) return layer.attributes.refuse('cell', 'cells of LSTM, GRU or SimpleRNN');
  const made: Cell[] = [];
  for (const { className, config } of cells) {
    const attributes = readLayerAttributes(`${layer.name}, cell (${className})`, config);
    made.push(readOne(className, attributes, made.at(-1)?.states[0] ?? features));
    attributes.finish();
  }
  return stack(made);
}

interface SavedCell {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The cells of a saved cell; null where a class is not known. */
function listCells(saved: unknown): readonly SavedCell[] | null {
  const { class_name: className, config } = (saved ?? {}) as SavedLayer;
  const cells: unknown = className === 'StackedRNNCells' ? config?.['cells'] : [saved];
  const listed = Array.isArray(cells) ? cells.map(readSavedCell) : [];
  return listed.length > 0 && listed.every((one) => one !== null) ? listed : null;
}

function readSavedCell(saved: unknown): SavedCell | null {
  const { class_name: className, config = {} } = (saved ?? {}) as SavedLayer;
  const isKnown = typeof className === 'string' && Object.hasOwn(cellReaders, className);
  return isKnown ? { className, config } : null;
}

/** Cells of which each gets the output of the one before. The output is that of the last one. */
function stack(cells: readonly Cell[]): Cell {
  const [first] = cells as readonly [Cell];
  if (cells.length === 1) return first;
  const states = cells.flatMap((cell) => cell.states);
  const lastStates = cells.at(-1)!.states.length;
  return {
    states,
    output: states.length - lastStates + cells.at(-1)!.output,
    project: (rows) => first.project(rows),
    step(projected, all) {
      const made: Term[] = [];
      let input = projected;
      for (const [k, cell] of cells.entries()) {
        const own = all.slice(made.length, made.length + cell.states.length);
        const next = cell.step(k === 0 ? input : cell.project(input), own);
        made.push(...next);
        input = next[cell.output]!;
      }
      return made;
    },
  };
}

/**
 * How many steps of cells a layer is written as; null for one that only a library can compute, because of its
 * cells or of the number of steps.
 */
export function countSteps(
  className: string,
  config: Readonly<Record<string, unknown>>,
  steps: number,
): number | null {
  const isKnown = className === 'RNN' || Object.hasOwn(cellReaders, className);
  const cells = className === 'RNN' ? (listCells(config['cell'])?.length ?? 0) : 1;
  const count = steps * cells;
  return isKnown && count > 0 && count <= MAX_STEPS ? count : null;
}
