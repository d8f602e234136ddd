import type { GraphBuilder } from '../graph/graph-builder.ts';
import type { Value } from '../graph/value.ts';
import type { DefInputs, DefSignature } from './def-inputs.ts';
import type { WholeDefNode } from './graph-def.ts';

/** All that is collected while one graph is translated. */
export interface GraphTranslation {
  readonly name: string;
  readonly nodes: readonly WholeDefNode[];
  readonly signature: DefSignature;
  readonly inputs: DefInputs;
  readonly builder: GraphBuilder;
  /** By the name of the node, of its further outputs `name:1` and so on. */
  readonly values: ReadonlyMap<string, Value>;
}
