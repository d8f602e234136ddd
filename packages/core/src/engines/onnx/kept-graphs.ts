import type * as ort from 'onnxruntime-common';
import type { Derivative } from '../../network/derive/derivative.ts';
import type { GradientRequest } from '../port/engine.ts';
import type { OpKind } from '../../network/op.ts';

/** The requests that a compiled graph can serve. */
export interface GraphKind {
  /** Equal for two requests that need the same graph. */
  readonly key: string;
  /** Nodes whose values are given, joined by commas. */
  readonly given: string;
  readonly outputs: ReadonlySet<string>;
  /** Whether the graph has a derivative. */
  readonly isDerived: boolean;
  /** Whether its derivative, if any, is so short that a forward pass may as well compute it. */
  readonly isShallow: boolean;
  /** The number of images in a pass, if the graph is made for one number only. */
  readonly batch: number | null;
  /** Whether one pass serves several seeds of several images. */
  readonly repeats: boolean;
}

/** A compiled graph that is open in the runtime. */
export interface Graph extends GraphKind {
  readonly session: ort.InferenceSession;
}

/** The kind of graph that a request needs. */
export function graphKindOf({
  given,
  outputs,
  gradient,
  derivative,
  batch,
}: {
  readonly given: readonly string[];
  readonly outputs: readonly string[];
  readonly gradient: GradientRequest | undefined;
  readonly derivative: Derivative | null;
  readonly batch: number;
}): GraphKind {
  const isShallow =
    derivative === null || !derivative.nodes.some(({ op }) => isAdjointConvolution(op.kind));
  const repeats = isShallow && batch > 1 && (gradient?.seeds.length ?? 0) > 1;
  const isRowed = gradient !== undefined && (gradient.seeds.length <= 1 || batch > 1);
  const fixedBatch = isRowed && !isShallow ? batch : null;
  return {
    key: JSON.stringify([
      given,
      [...new Set(outputs)].sort(),
      fixedBatch,
      repeats,
      derivative === null ? null : [[...gradient!.wrt].sort(), gradient!.relu],
    ]),
    given: given.join(),
    outputs: new Set(outputs),
    isDerived: derivative !== null,
    isShallow,
    batch: fixedBatch,
    repeats,
  };
}

/**
 * The few open graphs of one session. The least recently used graph is released to make room for a new one.
 */
export class KeptGraphs {
  /** The most recently used graph comes last. */
  readonly #graphs: Graph[] = [];
  readonly #limit: number;

  /** @param limit how many graphs may be open at a time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A graph for requests of this kind: an open one that can serve them, or else a new one. */
  async open(kind: GraphKind, make: () => Promise<ort.InferenceSession>): Promise<Graph> {
    const index = this.#graphs.findIndex(
      (graph) => graph.key === kind.key || (!kind.isDerived && canRunForward(graph, kind)),
    );
    if (index >= 0) {
      const [graph] = this.#graphs.splice(index, 1) as [Graph];
      this.#graphs.push(graph);
      return graph;
    }
    // Forward graphs that the new graph can replace are released, so that weights are packed only once.
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

/** Whether an op is the adjoint of a convolution. It costs as much as the convolution itself. */
function isAdjointConvolution(kind: OpKind): boolean {
  return kind === 'conv2dAdjoint' || kind === 'depthwiseConv2dAdjoint';
}

/** Whether a graph can serve the forward passes that are asked for, without much more work. */
function canRunForward(graph: GraphKind, asked: GraphKind): boolean {
  return (
    graph.isShallow &&
    graph.given === asked.given &&
    [...asked.outputs].every((output) => graph.outputs.has(output))
  );
}
