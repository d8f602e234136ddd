import { countElements } from '../../base/nd-array.ts';
import type { Derivative } from '../../network/derive/derivative.ts';
import type { GraphNode, Head } from '../../network/network.ts';
import { seedIsSingle } from './encode-seeds.ts';
import { foldScales } from './fold-scales.ts';
import { takeColumns } from './lower/dense.ts';
import { lowerNode, weightsOf, type LowerNodeContext } from './lower/lower-node.ts';
import { asPlain, type StoredValue } from './lower/stored-order.ts';
import { writeClasses, writeSeeds } from './seeds.ts';

/** What {@link compileGradient} needs of the forward part of the graph. */
export interface GradientContext extends Pick<LowerNodeContext, 'writer' | 'nodes' | 'weights'> {
  readonly form: NonNullable<LowerNodeContext['form']>;
  /** The values of the forward nodes; those of the derivative are added. */
  readonly values: Map<string, StoredValue>;
  readonly head: Head;
  /** The logits of the items, [items, classes]. */
  readonly logits: string;
  /** The logits of the rows, [rows, classes]. */
  readonly rowLogits: () => string;
}

/** Adds the nodes of a derivative to a graph, the seed included. */
export function compileGradient(derivative: Derivative, context: GradientContext): void {
  const { writer, values, weights, form, head, logits } = context;
  const { seed } = derivative;
  const seedNode = { ...context.nodes.get(derivative.seedAt)!, name: seed };
  const nodes = new Map([...context.nodes, [seed, seedNode]]);
  for (const node of derivative.nodes) nodes.set(node.name, node);
  const folded = foldScales(derivative.nodes, new Set(derivative.gradients.values()));
  const lower = (node: GraphNode): StoredValue => {
    const scaledBy = folded.scales.get(node.name) ?? null;
    return lowerNode(node, { writer, nodes, values, weights, form, scaledBy, seed });
  };

  const chosen = writeClasses(writer, logits, head);
  const writeSeed = (): void => {
    const { shape } = seedNode;
    const flat = writeSeeds(writer, context.rowLogits(), chosen, head);
    const isFlat = shape.length === 1;
    values.set(
      seed,
      asPlain(isFlat ? flat : writer.add('Reshape', [flat, writer.integers([0, ...shape])])),
    );
  };
  /** Where all seeds are single logits, neither the seed nor its product is computed. */
  const lowerLast = (node: GraphNode, classes: string): StoredValue =>
    asPlain(
      writer.either(
        seedIsSingle,
        () => takeColumns({ writer, node, ...weightsOf(node, weights, form) }, classes),
        () => {
          writeSeed();
          return lower(node).name;
        },
      ),
    );

  const last = chosen === null ? null : findLastDense(derivative, nodes);
  if (last === null) writeSeed();
  for (const node of folded.nodes) {
    values.set(node.name, node.name === last ? lowerLast(node, chosen!.classes) : lower(node));
  }
}

/** From this number of weights on, a product takes longer than deciding whether it is needed. */
const LARGE = 2 ** 18;

/** The adjoint of a large dense layer that computes the logits, if it is all that reads the seed. */
function findLastDense(
  { nodes, seed, gradients }: Derivative,
  all: ReadonlyMap<string, GraphNode>,
): string | null {
  const [reader, ...others] = nodes.filter(({ inputs }) => inputs.includes(seed));
  if (reader?.op.kind !== 'denseAdjoint' || others.length > 0) return null;
  if ([...gradients.values()].includes(seed)) return null;
  const { shape } = all.get(seed)!;
  return shape.length === 1 && countElements([...shape, ...reader.shape]) >= LARGE
    ? reader.name
    : null;
}
