import { isStage, listTaps, resolveLayer, type ModelDescription, type Tap } from '@gradcam/core';
import type { LayerFacts } from './protocol.ts';

/** The most maps in the strip, which a reader can take in at a glance. */
const MAX_STRIP = 16;

type Described = Pick<ModelDescription, 'network' | 'endpoints' | 'defaultLayer'>;

/**
 * All layers that can be explained: first by the names that the model's source gives them, then by their
 * own.
 */
export function listLayers(model: Described): LayerFacts[] {
  const all = listTaps(model.network);
  const endpoints = listEndpoints(model, all);
  const taps = all.map(({ layer, shape }) => ({
    name: layer,
    isEndpoint: false,
    shape,
  }));
  return [...endpoints, ...taps];
}

/**
 * The layers of the strip, in order. They are the endpoints of the model's source. If it has none, they are
 * its activations, or the normalisations of a model with tokens. For a deep net only some layers are taken
 * at even distances, always including the last one of each grid size. Layers with cells that the scores do
 * not depend on are left out.
 */
export function chooseStripLayers(model: Described): string[] {
  const endpoints = listEndpoints(model, listStripTaps(model));
  const named = endpoints.length > 0 ? endpoints : listActivations(model);
  if (named.length <= MAX_STRIP) return named.map(({ name }) => name);
  const gridOf = ({ shape }: { shape: readonly number[] }): string => shape.slice(0, 2).join();
  const isLast = named.map(
    (one, i) => i + 1 === named.length || gridOf(one) !== gridOf(named[i + 1]!),
  );
  const others = named.map((_, i) => i).filter((i) => !isLast[i]);
  const room = Math.max(0, MAX_STRIP - (named.length - others.length));
  const chosen = new Set(
    Array.from({ length: room }, (_, i) => others[Math.floor(((i + 0.5) * others.length) / room)]),
  );
  return named.filter((_, i) => isLast[i] || chosen.has(i)).map(({ name }) => name);
}

/**
 * The layers that the strip may show. If a model has normalisations of tokens, its other layers of tokens
 * are left out, because the parts inside its blocks would fill the strip.
 */
function listStripTaps({ network }: Described): Tap[] {
  const taps = listTaps(network, { between: true });
  const some = taps.some((tap) => tap.tokens !== undefined && isStage(tap));
  return some ? taps.filter((tap) => tap.tokens === undefined || isStage(tap)) : taps;
}

/** The names of the source that refer to one of the taps. Each layer is listed once, by its shortest name. */
function listEndpoints(model: Described, taps: readonly Tap[]): LayerFacts[] {
  const { endpoints } = model;
  const shortest = new Map<string, string>();
  for (const [name, layer] of Object.entries(endpoints)) {
    const known = shortest.get(layer);
    if (known === undefined || name.length < known.length) shortest.set(layer, name);
  }
  return taps.flatMap(({ layer, shape }) => {
    const name = shortest.get(layer);
    return name === undefined ? [] : [{ name, isEndpoint: true, shape }];
  });
}

function listActivations({ network, defaultLayer, endpoints }: Described): LayerFacts[] {
  const taps = listTaps(network, { between: true });
  const { node } = resolveLayer({ network, defaultLayer, endpoints }, 'auto');
  const active = taps.filter((tap) => isStage(tap) || tap.node === node);
  return (active.length > 1 ? active : taps).map(({ layer, shape }) => ({
    name: layer,
    isEndpoint: false,
    shape,
  }));
}
