import type { OnnxFileNode } from './proto/onnx-schema.ts';

/** How people may call what a node of a file computes. */
export interface NodeNames {
  /** The module of PyTorch that it belongs to, `layer4.1.conv2`; null where the file does not tell. */
  readonly module: string | null;
  /** Which call of that module it is, from 0 on. */
  readonly call: number;
  /** The op, as part of its module: `Add`, `Add_1`. */
  readonly step: string;
  /** Names besides: the node's own, and the module whose weights it has. */
  readonly others: readonly string[];
}

/**
 * Names of all nodes of a file: from node names, as TorchScript's exporter writes them, from the metadata of
 * the newer exporter, or of weights. A file that has none of these keeps the names of nodes or values.
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

/** `/layer4/layer4.1/conv2/Conv`: each segment names a child, or begins with all that was before. */
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
 * `['', 'layer1', 'layer1.0', 'layer1.0.bn2', 'getitem_6']`: modules from the outermost in, then the step.
 */
function pathFromMetadata({ metadata, type }: OnnxFileNode): Path | null {
  const text = metadata.get('pkg.torch.onnx.name_scopes');
  if (text === undefined) return null;
  const scopes = [...text.matchAll(/'([^']*)'/g)].map(([, scope]) => scope!);
  return { module: scopes.slice(0, -1).at(-1) ?? '', step: scopes.at(-1) ?? type };
}

/** `features.0.weight` is a weight of the module `features.0`. */
function moduleOfWeights({ inputs }: OnnxFileNode): string | null {
  const weight = inputs.find((name) => /.\.weight$/.test(name) && !/[\s:]/.test(name));
  return weight?.replace(/\.weight$/, '') ?? null;
}

/** The second call of a module is written `relu_1`; where there is a `relu`, it is that. */
function splitCall(path: string, known: ReadonlySet<string>): { module: string; call: number } {
  const [, base, digits] = /^(.*[^_\d.])_(\d+)$/.exec(path) ?? [];
  if (base === undefined || !known.has(base)) return { module: path, call: 0 };
  return { module: base, call: Number(digits) };
}

/** A value of a node, as far as it becomes a layer. */
export interface NamedValue {
  readonly names: NodeNames;
  /** Node of the network that holds it. */
  readonly node: string;
  /** The file's name of the value. */
  readonly value: string;
}

/** Layers in order, and other names for them. */
export interface LayerNames {
  /** Layer to the node that holds its output. */
  readonly layers: ReadonlyMap<string, string>;
  /** Other name to layer. */
  readonly aliases: Readonly<Record<string, string>>;
}

/**
 * Gives each value that a user may ask for one name: its module, where it is the last of it, else its step
 * within the module. Modules around others are other names for the last value within them.
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
    // Of what several values share, the last counts.
    for (const name of [...names.others, value]) aliases.set(name, layer);
    for (const around of containers(path)) aliases.set(around, layer);
    if (path !== null) aliases.set(path, layer);
  }
  for (const name of ['', ...layers.keys()]) aliases.delete(name);
  return { layers, aliases: Object.fromEntries(aliases) };
}

/** Of each module without others inside: the place of the last value. */
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

/** `layer4` and `layer4.1` of `layer4.1.conv2`. */
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
