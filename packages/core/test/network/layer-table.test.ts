import { describe, expect, test } from 'vitest';
import type { Network } from '../../src/network/network.ts';
import { layerLibrary } from '../../src/engines/tfjs-layers/library.ts';
import { fromPool, layerRows, readLayer, type LayerEntry } from '../helper/layer-rows.ts';
import {
  besideConfig,
  commonOptions,
  findCommon,
  layerTable,
  programs,
  toValue,
} from '../helper/layer-table.ts';

const writers = Object.keys(programs);

/** The first net of a class that an oracle wrote, as a Keras wrote it. */
function findNet(className: string) {
  const row = layerRows.rows.find(({ layer }) => layer === className);
  if (row !== undefined) {
    const [writer, entry] = Object.entries(row.entries)[0]!;
    const weights = Object.fromEntries(
      Object.entries(row.weights).map(([suffix, key]) => [suffix, fromPool(key).shape]),
    );
    return {
      writer,
      entry,
      shapes: row.inputs.map((key) => fromPool(key).shape.slice(1)),
      weights,
    };
  }
  const plain = layerRows.nothing.find(({ layer }) => layer === className);
  return plain && { ...plain, shapes: [plain.shape], weights: {} };
}

function withConfig(entry: LayerEntry, config: Readonly<Record<string, unknown>>): LayerEntry {
  return { ...entry, config: { ...entry.config, ...config } };
}

function messageOf(read: () => Network): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  return 'it was read';
}

describe('docs/tables/layers has a row', () => {
  test.each(writers)('for every layer of %s', (writer) => {
    const missing = Object.keys(programs[writer]!.layers).filter((name) => !layerTable.has(name));
    expect(missing).toEqual([]);
  });

  test.each(writers)('for every option of the layers of %s', (writer) => {
    const missing = Object.entries(programs[writer]!.layers).flatMap(([name, options]) => {
      const { does, as, options: own = {} } = layerTable.get(name)!;
      if (does !== 'read' && does !== 'as') return [];
      const rows = { ...own, ...layerTable.get(as ?? name)!.options };
      return options
        .filter((option) => rows[option] === undefined && findCommon(option) === undefined)
        .map((option) => `${name}.${option}`);
    });
    expect(missing).toEqual([]);
  });

  test.each(['keras3', 'keras2'])('for every attribute that %s writes', (writer) => {
    const missing = layerRows.rows.flatMap(({ layer, entries }) => {
      const { as, options = {} } = layerTable.get(layer)!;
      const rows = { ...options, ...layerTable.get(as ?? layer)!.options };
      return Object.keys(entries[writer]?.config ?? {})
        .filter((option) => rows[option] === undefined && findCommon(option) === undefined)
        .map((option) => `${layer}.${option}`);
    });
    expect([...new Set(missing)]).toEqual([]);
  });

  test.each(['keras3', 'keras2'])('for every activation of %s', (writer) => {
    const { read = [], refused = [] } = layerTable.get('Activation')!.options!['activation']!;
    expect([...read, ...refused]).toEqual(
      expect.arrayContaining([...programs[writer]!.activations!]),
    );
  });

  test('of numbers for every value that is read', () => {
    const missing = [...layerTable].flatMap(([name, { does, options = {} }]) =>
      does !== 'read'
        ? []
        : Object.entries(options).flatMap(([option, { read = [] }]) =>
            read
              .map(toValue)
              .filter(({ by }) => by?.length !== 0)
              .filter(({ is }) => !hasNumbers(name, option, is))
              .map(({ is }) => `${name}.${option} = ${JSON.stringify(is)}`),
          ),
    );
    expect(missing).toEqual([]);
  });
});

function hasNumbers(name: string, option: string, value: unknown): boolean {
  return layerRows.rows.some(
    (row) =>
      row.layer === name &&
      row.option === option &&
      JSON.stringify(row.value) === JSON.stringify(value),
  );
}

/** A class as a program would write it, with what its row is made with. */
function entryOf(className: string): LayerEntry {
  const config = { name: 'layer', ...layerTable.get(className)!.with };
  return { class_name: className, config };
}

const classes = (does: string) => [...layerTable].filter(([, row]) => row.does === does);

describe('a layer that is refused', () => {
  test.each(classes('refused'))('%s, with the reason', (className, { inputs = [], why }) => {
    const message = messageOf(() => readLayer(entryOf(className), inputs, 'keras3'));
    expect(message).toContain(`layer layer (${className})`);
    expect(message).toContain(why);
  });

  test.each(classes('tfjs-layers'))('%s, without tfjs-layers', (className, { inputs = [] }) => {
    const message = messageOf(() => readLayer(entryOf(className), inputs, 'keras3'));
    expect(message).toContain(`layer layer is of class ${className}`);
    expect(message).toContain('run with the engine of @gradcam/core/layers');
  });

  test.each(classes('tfjs-layers'))('%s is known to tfjs-layers', (className, row) => {
    const inner = { class_name: 'LSTM', config: { name: 'inner', units: 3 } };
    const cell = { class_name: 'LSTMCell', config: { name: 'cell', units: 3 } };
    const dense = { class_name: 'Dense', config: { name: 'inner', units: 3 } };
    const wrapped: Readonly<Record<string, unknown>> = {
      Bidirectional: { layer: inner },
      RNN: { cell },
      TimeDistributed: { layer: dense },
    };
    const config = { name: 'layer', ...row.with, ...(wrapped[className] as object | undefined) };
    const found = layerLibrary.describe(
      { name: 'layer', className, config, keras3: true },
      row.inputs!,
    );
    expect(found?.outputShapes).toHaveLength(1);
  });
});

const refusedOptions = [...layerTable].flatMap(([className, { does, options = {} }]) =>
  does !== 'read'
    ? []
    : Object.entries(options).flatMap(([option, { refused = [], why }]) =>
        refused.map((entry) => ({ className, option, ...toValue(entry), why })),
      ),
);

describe('an option that is refused', () => {
  test.each(refusedOptions)(
    '$className.$option = $is',
    ({ className, option, is, why, ...row }) => {
      const { writer, entry, shapes, weights } = findNet(className)!;
      const written = className === 'RandomCrop' ? 'keras3' : writer;
      const changed = withConfig(entry, { ...row.with, [option]: is });
      const message = messageOf(() => readLayer(changed, row.inputs ?? shapes, written, weights));
      expect(message).toContain(`layer layer (${className})`);
      expect(message).toContain(`attribute ${option}`);
      expect(message).toContain(JSON.stringify(is));
      expect(message).toContain(why);
    },
  );
});

/** Options that a class has and no inference depends on, with a value that is not the usual one. */
const unreadOptions = [...layerTable].flatMap(([className, { does, options = {} }]) => {
  if (!['read', 'as', 'nothing'].includes(does) || findNet(className) === undefined) return [];
  const own = writers.flatMap((writer) => programs[writer]!.layers[className] ?? []);
  const rows = {
    ...options,
    ...layerTable.get(layerTable.get(className)!.as ?? className)!.options,
  };
  return [...new Set([...own, ...Object.keys(commonOptions)])].flatMap((option) => {
    const row = rows[option] ?? findCommon(option);
    // Channels first are refused of layers that do not take images.
    const isAny = does === 'nothing' && row === undefined && option !== 'data_format';
    const anything = isAny ? [7, [0.1, 0.2], 'reflect', true] : [];
    const values = option.startsWith('*') ? [] : (row?.unread ?? anything);
    return values.map((value) => ({ className, option, value }));
  });
});

describe('an option that no inference depends on', () => {
  test.each(unreadOptions)('$className.$option = $value', ({ className, option, value }) => {
    const { writer, entry, shapes, weights } = findNet(className)!;
    const usual = readLayer(entry, shapes, writer, weights).nodes;
    const changed = withConfig(entry, { [option]: value });
    expect(readLayer(changed, shapes, writer, weights).nodes).toEqual(usual);
  });

  const { refused = [], why } = commonOptions['dtype']!;
  test.each(refused)('but a dtype that is no floating point: %j', (dtype) => {
    const { writer, entry, shapes, weights } = findNet('Dense')!;
    const changed = withConfig(entry, { dtype });
    const message = messageOf(() => readLayer(changed, shapes, writer, weights));
    expect(message).toContain(`layer layer (Dense): attribute dtype is ${JSON.stringify(dtype)}`);
    expect(message).toContain(why);
  });

  const beside = Object.entries(besideConfig).flatMap(([field, values]) =>
    values.map((value) => ({ field, value })),
  );
  test.each(beside)('nor on $field = $value beside the configuration', ({ field, value }) => {
    const { writer, entry, shapes, weights } = findNet('Dense')!;
    const usual = readLayer(entry, shapes, writer, weights).nodes;
    const changed = { ...entry, [field]: value };
    expect(readLayer(changed, shapes, writer, weights).nodes).toEqual(usual);
  });
});

describe('a layer that does nothing at inference', () => {
  test.each(layerRows.nothing)('$layer by $writer', ({ entry, shape, writer }) => {
    const { nodes } = readLayer(entry, [shape], writer);
    expect(nodes.map(({ name }) => name)).toEqual(['in0', 'flat', 'out']);
  });

  test('has a net of each', () => {
    const nets = new Set(layerRows.nothing.map(({ layer }) => layer));
    expect(classes('nothing').filter(([name]) => !nets.has(name))).toEqual([]);
  });
});

describe('what a layer is called with', () => {
  const dropout = (writer: string, kwargs: unknown) => {
    const entry = { class_name: 'Dropout', config: { name: 'layer', rate: 0.5 } };
    return readLayer({ ...entry, inbound_nodes: [[['in0', 0, 0, kwargs]]] }, [[3, 4, 2]], writer);
  };

  test('training, which Keras 2 and tfjs then do whenever the model is used', () => {
    const message =
      /layer layer \(Dropout\): it is called with training = true, so that it runs as in/;
    expect(() => dropout('keras2', { training: true })).toThrow(message);
    expect(() => dropout('tfjs-layers 4.22.0', { training: true })).toThrow(message);
    expect(dropout('keras2', { training: false }).nodes).toHaveLength(3);
    expect(dropout('keras3', { training: true }).nodes).toHaveLength(3);
  });

  test('what nobody knows is refused by its name', () => {
    expect(() => dropout('keras2', { scale: 3 })).toThrow(/called with scale = 3, which is not/);
  });

  test.each(['use_causal_mask', 'return_attention_scores'])(
    'attention with %s is refused',
    (name) => {
      const row = layerRows.rows.find(({ layer }) => layer === 'MultiHeadAttention')!;
      const entry = row.entries['keras3']!;
      const [call] = entry['inbound_nodes'] as [{ args: unknown; kwargs: object }];
      const inbound = [{ ...call, kwargs: { ...call.kwargs, [name]: true } }];
      const shapes = row.inputs.map((key) => fromPool(key).shape.slice(1));
      expect(() => readLayer({ ...entry, inbound_nodes: inbound }, shapes, 'keras3')).toThrow(
        `layer layer (MultiHeadAttention): it is called with ${name} = true`,
      );
    },
  );
});
