import type { GraphBuilder } from '../graph/graph-builder.ts';
import type { Value } from '../graph/value.ts';
import type { DefInputs, DefSignature } from './def-inputs.ts';
import type { WholeDefNode } from './graph-def.ts';

/** Everything that is collected while one graph is translated. */
export interface GraphTranslation {
  readonly name: string;
  readonly nodes: readonly WholeDefNode[];
  readonly signature: DefSignature;
  readonly inputs: DefInputs;
  readonly builder: GraphBuilder;
  /** Values by the names of their nodes; a node's further outputs are `name:1`, `name:2` and so on. */
  readonly values: ReadonlyMap<string, Value>;
}
