import { decodeBase64, sortNodes, type WholeDefNode } from './graph-def.ts';

/**
 * A loop as TensorFlow 1 writes it, and tensorflowjs_converter for TensorFlow 2: `Enter` brings a value in.
 * `Merge` is the value at the beginning of a round, `Switch` leads it into the round or, by `Exit`, out of
 * the loop, and `NextIteration` hands a value to the next round.
 */
export interface Loop {
  readonly name: string;
  /** Its nodes in the order of a round, without those of loops inside it. Exits are the last ones. */
  readonly nodes: readonly WholeDefNode[];
  /** Whether there are loops inside it. */
  readonly hasInner: boolean;
}

/** A graph whose nodes are sorted, and its loops. */
export interface LoopedGraph {
  /** Each node comes after its inputs. The exits of a loop come after all its nodes. */
  readonly sorted: readonly WholeDefNode[];
  /** The loop to which a node belongs, by its name; nodes outside of loops are not listed. */
  readonly loopOf: ReadonlyMap<string, Loop>;
}

/** Sorts the nodes of a graph and finds its loops. */
export function findLoops(nodes: readonly WholeDefNode[]): LoopedGraph {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const isBack = (name: string): boolean => byName.get(name)?.op === 'NextIteration';
  const forward = sortNodes(
    nodes.map((node) => ({ ...node, inputs: node.inputs.filter((name) => !isBack(name)) })),
  ).map(({ name }) => byName.get(name)!);
  const frames = nameFrames(forward);
  if (frames.inner.size === 0) return { sorted: forward, loopOf: new Map() };
  // The whole loop is run where its first exit stands, so a node that stands for its end comes before.
  const ends = new Map<string, WholeDefNode & { inputs: string[] }>();
  for (const [name, frame] of frames.inner) {
    const node = byName.get(name)!;
    if (!ends.has(frame)) ends.set(frame, { ...node, name: `end of ${frame}\n`, inputs: [] });
    if (node.op !== 'Exit') ends.get(frame)!.inputs.push(name);
  }
  const linked = nodes.map((node) => {
    const end = node.op === 'Exit' ? ends.get(frames.inner.get(node.name) ?? '') : undefined;
    const inputs = end ? [end.name] : node.inputs.filter((name) => !isBack(name));
    return { ...node, inputs };
  });
  const sorted = sortNodes([...linked, ...ends.values()]).flatMap(
    ({ name }) => byName.get(name) ?? [],
  );
  const outside = new Set(frames.outer.values());
  const members = new Map<string, WholeDefNode[]>();
  for (const node of sorted) {
    const frame = frames.inner.get(node.name);
    if (frame === undefined) continue;
    if (!members.has(frame)) members.set(frame, []);
    members.get(frame)!.push(node);
  }
  const loopOf = new Map<string, Loop>();
  for (const [name, own] of members) {
    const loop = { name, nodes: own, hasInner: outside.has(name) };
    for (const node of own) loopOf.set(node.name, loop);
  }
  return { sorted, loopOf };
}

/** Names of the frames to which nodes belong, and of the frames around frames. */
interface Frames {
  readonly inner: Map<string, string>;
  readonly outer: Map<string, string>;
}

function nameFrames(forward: readonly WholeDefNode[]): Frames {
  const inner = new Map<string, string>();
  const outer = new Map<string, string>();
  const byName = new Map(forward.map((node) => [node.name, node]));
  /** The frame in which the value of a node is: that of an exit is outside of its own. */
  const frameOfValue = (name: string): string | undefined => {
    const frame = inner.get(name);
    return byName.get(name)?.op === 'Exit' && frame !== undefined ? outer.get(frame) : frame;
  };
  for (const node of forward) {
    const given = node.inputs.map(frameOfValue).find((frame) => frame !== undefined);
    if (node.op !== 'Enter') {
      if (given !== undefined) inner.set(node.name, given);
      continue;
    }
    const { frame_name } = node.attributes as { frame_name?: { s?: unknown } };
    const text = frame_name?.s;
    const frame = typeof text === 'string' ? decodeBase64(text) : '';
    inner.set(node.name, frame);
    if (given !== undefined) outer.set(frame, given);
  }
  return { inner, outer };
}
