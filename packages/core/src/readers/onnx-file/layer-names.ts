import type { OnnxFileNode } from './proto/onnx-schema.ts';

/** The names by which people know the result of a file's node. */
export interface NodeNames {
  /** The PyTorch module that it belongs to, for example `layer4.1.conv2`; null where the file has none. */
  readonly module: string | null;
  /** The index of the call of that module, from 0 on. */
  readonly call: number;
  /** The name of the op within its module: `Add`, `Add_1`. */
  readonly step: string;
  /** Further names: the node's own, and the module whose weights it takes. */
  readonly others: readonly string[];
}

/**
 * Names all nodes of a file. The names come from the metadata of PyTorch's newer exporter, from node names as
 * the TorchScript exporter writes them, or from the names of weights. A file that has none of these keeps the
 * names of its nodes or values.
 */
export function nameNodes(nodes: readonly OnnxFileNode[]): readonly NodeNames[] {
  const paths = nodes.map((node) => pathFromMetadata(node) ?? pathFromName(node));
  const known = new Set(paths.flatMap((path) => (path === null ? [] : [path.module])));
  return nodes.map((node, i) => {
    const path = paths[i] ?? null;
    const ownWeights = moduleOfWeights(node);
    const others = [node.name, ...(ownWeights === null ? [] : [ownWeights])];
    if (path === null) {
      return { module: ownWeights, call: 0, step: node.type, others };
    }
    const { module, call } = splitCall(path.module, known);
    return { module, call, step: path.step, others: [...others, path.module] };
  });
}

interface Path {
  readonly module: string;
  readonly step: string;
}

/** In `/layer4/layer4.1/conv2/Conv` a segment names a child, or repeats the whole path before it. */
function pathFromName({ name }: OnnxFileNode): Path | null {
  if (!name.startsWith('/')) return null;
  const segments = name.slice(1).split('/');
  const step = segments.pop()!;
  return { module: segments.reduce(join, ''), step };
}

function join(path: string, segment: string): string {
  return path === '' || segment.startsWith(`${path}.`) ? segment : `${path}.${segment}`;
}

/**
 * `['', 'layer1', 'layer1.0', 'layer1.0.bn2', 'getitem_6']` lists modules from the outermost to the
 * innermost, then the step.
 */
function pathFromMetadata({ metadata, type }: OnnxFileNode): Path | null {
  const text = metadata.get('pkg.torch.onnx.name_scopes');
  if (text === undefined) return null;
  const scopes = [...text.matchAll(/'([^']*)'/g)].map(([, scope]) => scope!);
  return { module: scopes.slice(0, -1).at(-1) ?? '', step: scopes.at(-1) ?? type };
}

/** A weight `features.0.weight` belongs to the module `features.0`. */
function moduleOfWeights({ inputs }: OnnxFileNode): string | null {
  const weight = inputs.find((name) => /.\.weight$/.test(name) && !/[\s:]/.test(name));
  return weight?.replace(/\.weight$/, '') ?? null;
}

/** The exporter writes the second call of `relu` as `relu_1`. It is one where a module `relu` exists. */
function splitCall(path: string, known: ReadonlySet<string>): { module: string; call: number } {
  const [, base, digits] = /^(.*[^_\d.])_(\d+)$/.exec(path) ?? [];
  if (base === undefined || !known.has(base)) return { module: path, call: 0 };
  return { module: base, call: Number(digits) };
}

/** A value of a node that may become a layer. */
export interface NamedValue {
  readonly names: NodeNames;
  /** The network's node that holds it. */
  readonly node: string;
  /** The value's name in the file. */
  readonly value: string;
}

/** Layers in order, and their further names. */
export interface LayerNames {
  /** The node that holds each layer's output, by the layer's name. */
  readonly layers: ReadonlyMap<string, string>;
  /** The layer of each further name. */
  readonly aliases: Readonly<Record<string, string>>;
}

/**
 * Gives each value one name as a layer. The last value of a module is called after the module, and every
 * other value after its step within the module. A module that contains others is a further name of the last
 * value within it.
 */
export function nameLayers(values: readonly NamedValue[]): LayerNames {
  const layers = new Map<string, string>();
  const layerOf = new Map<string, string>();
  const last = lastOfModules(values);
  for (const [i, one] of values.entries()) {
    if (layerOf.has(one.node)) continue;
    const name = freeName(plainName(one, last, i), layers);
    layers.set(name, one.node);
    layerOf.set(one.node, name);
  }
  const aliases = new Map<string, string>();
  for (const { names, node, value } of values) {
    const layer = layerOf.get(node)!;
    const path = callName(names);
    // Where several values share a name, the name means the last one.
    for (const name of [...names.others, value]) aliases.set(name, layer);
    for (const around of containers(path)) aliases.set(around, layer);
    if (path !== null) aliases.set(path, layer);
  }
  for (const name of ['', ...layers.keys()]) aliases.delete(name);
  return { layers, aliases: Object.fromEntries(aliases) };
}

/** For each module that contains no other, the index of its last value. */
function lastOfModules(values: readonly NamedValue[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  const around = new Set<string>();
  values.forEach(({ names }, i) => {
    const path = callName(names);
    if (path === null) return;
    last.set(path, i);
    for (const one of containers(names.module)) around.add(one);
  });
  for (const one of around) last.delete(one);
  return last;
}

function plainName(
  { names, value }: NamedValue,
  last: ReadonlyMap<string, number>,
  place: number,
): string {
  const path = callName(names);
  if (path === '') return names.step;
  if (path === null) return names.others[0] || value;
  return last.get(path) === place ? path : `${path}/${names.step}`;
}

function callName({ module, call }: NodeNames): string | null {
  return module === null || call === 0 ? module : `${module}:${call}`;
}

/** The modules around a path: for `layer4.1.conv2` these are `layer4` and `layer4.1`. */
function containers(path: string | null): string[] {
  const parts = (path ?? '').replace(/:\d+$/, '').split('.');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('.'));
}

function freeName(name: string, taken: ReadonlyMap<string, string>): string {
  if (!taken.has(name)) return name;
  for (let call = 1; ; call++) {
    if (!taken.has(`${name}:${call}`)) return `${name}:${call}`;
  }
}
