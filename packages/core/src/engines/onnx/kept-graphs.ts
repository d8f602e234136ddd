import type * as ort from 'onnxruntime-common';
import type { Derivative } from '../../network/derive/derivative.ts';
import type { GradientRequest } from '../port/engine.ts';
import type { OpKind } from '../../network/op.ts';

/** What a compiled graph can be asked. */
export interface GraphKind {
  readonly key: string;
  /** Nodes that are given to it. */
  readonly given: string;
  readonly outputs: ReadonlySet<string>;
  readonly isDerived: boolean;
  /** Whether its derivative, if any, is so short that a forward run may as well compute it. */
  readonly isShallow: boolean;
  /** Images of a run, where the graph is made for one number of them. */
  readonly batch: number | null;
}

/** A compiled graph in the runtime. */
export interface Graph extends GraphKind {
  readonly session: ort.InferenceSession;
}

/** The kind of graph that a request needs. */
export function graphKindOf(
  given: readonly string[],
  outputs: readonly string[],
  gradient: GradientRequest | undefined,
  derivative: Derivative | null,
  batch: number,
): GraphKind {
  const isShallow = derivative === null || !derivative.nodes.some(({ op }) => isSpread(op.kind));
  const isRowed = gradient !== undefined && (gradient.seeds.length <= 1 || batch > 1);
  const fixedBatch = isRowed && !isShallow ? batch : null;
  return {
    key: JSON.stringify([
      given,
      [...new Set(outputs)].sort(),
      fixedBatch,
      derivative === null ? null : [[...gradient!.wrt].sort(), gradient!.relu],
    ]),
    given: given.join(),
    outputs: new Set(outputs),
    isDerived: derivative !== null,
    isShallow,
    batch: fixedBatch,
  };
}

/** The graphs of one session, few of them, each released when another takes its place. */
export class KeptGraphs {
  /** Most recently used last. */
  readonly #graphs: Graph[] = [];
  readonly #limit: number;

  /** @param limit how many may be open at a time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The graph for a request of this kind: one that is kept, if it can, else a new one. */
  async open(kind: GraphKind, make: () => Promise<ort.InferenceSession>): Promise<Graph> {
    const index = this.#graphs.findIndex(
      (graph) => graph.key === kind.key || (!kind.isDerived && canRunForward(graph, kind)),
    );
    if (index >= 0) {
      const [graph] = this.#graphs.splice(index, 1) as [Graph];
      this.#graphs.push(graph);
      return graph;
    }
    // What the new graph does as well, it does alone: weights are packed once.
    const spare = kind.isShallow
      ? this.#graphs.filter((graph) => !graph.isDerived && canRunForward(kind, graph))
      : [];
    for (const graph of spare) await this.#release(graph);
    while (this.#graphs.length >= this.#limit) await this.#release(this.#graphs[0]!);
    const graph = { ...kind, session: await make() };
    this.#graphs.push(graph);
    return graph;
  }

  dispose(): void {
    for (const { session } of this.#graphs.splice(0)) void session.release();
  }

  async #release(graph: Graph): Promise<void> {
    this.#graphs.splice(this.#graphs.indexOf(graph), 1);
    await graph.session.release();
  }
}

/** Whether an op of a derivative is the adjoint of a convolution, which costs as much as it does. */
function isSpread(kind: OpKind): boolean {
  return kind === 'conv2dAdjoint' || kind === 'depthwiseConv2dAdjoint';
}

/** Whether the forward runs of one kind of graph can be done by another. */
function canRunForward(by: GraphKind, asked: GraphKind): boolean {
  return (
    by.isShallow &&
    by.given === asked.given &&
    [...asked.outputs].every((output) => by.outputs.has(output))
  );
}
