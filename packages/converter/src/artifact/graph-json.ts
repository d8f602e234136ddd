import type { Attribute } from '../formats/graph-def/attribute.ts';
import type {
  FlatGraph,
  FlatNode,
  FlatValue,
  GraphTerminal,
} from '../formats/graph-def/flat-graph.ts';
import { holdingType } from '../formats/graph-def/type-names.ts';
import type { StoredDType } from './integer-weights.ts';

/** The shape and type of a constant as it is stored. */
export interface StoredConstant {
  readonly shape: readonly number[];
  readonly dtype: StoredDType;
}

/** Writes a graph as the `modelTopology` of a GraphModel: the JSON of a GraphDef, without its weights. */
export function writeTopology(
  { nodes, producer }: FlatGraph,
  constants: ReadonlyMap<FlatNode, StoredConstant>,
): unknown {
  return {
    node: nodes.map((node) => {
      const constant = constants.get(node);
      return {
        name: node.name,
        op: node.op,
        ...(node.inputs.length > 0 && { input: node.inputs.map(nameValue) }),
        attr: constant === undefined ? writeAttributes(node) : writeConstant(constant),
      };
    }),
    library: {},
    versions: { producer },
  };
}

/** Writes the inputs or outputs of a signature. */
export function writeTerminals(
  terminals: readonly GraphTerminal[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    terminals.map(({ key, value, dtype, shape }) => [
      key,
      {
        name: `${value.node.name}:${value.output}`,
        dtype: holdingType(dtype),
        ...(shape !== null && { tensorShape: shape }),
      },
    ]),
  );
}

/** A node's first output has the node's name. */
function nameValue({ node, output }: FlatValue): string {
  return output === 0 ? node.name : `${node.name}:${output}`;
}

function writeAttributes({ attributes }: FlatNode): Record<string, Attribute> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      'type' in value ? { type: holdingType(String(value['type'])) } : value,
    ]),
  );
}

const TYPES: Readonly<Record<StoredDType, string>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  bool: 'DT_BOOL',
};

function writeConstant({ shape, dtype }: StoredConstant): Record<string, Attribute> {
  const type = TYPES[dtype];
  const dim = shape.map((size) => ({ size: String(size) }));
  const tensorShape = dim.length === 0 ? {} : { dim };
  return { dtype: { type }, value: { tensor: { dtype: type, tensorShape } } };
}
