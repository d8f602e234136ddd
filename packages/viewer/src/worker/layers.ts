import { isStage, listTaps, resolveLayer, type ModelDescription, type Tap } from '@gradcam/core';
import type { LayerFacts } from './protocol.ts';

/** Maps that the strip shows at most: what a reader takes in at one look. */
const MAX_STRIP = 16;

type Described = Pick<ModelDescription, 'network' | 'endpoints' | 'defaultLayer'>;

/** All layers that can be explained at: the names of the model's source first, then the layers' own. */
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
 * The layers of the strip, in order: the endpoints of the model's source, of a model without any its
 * activations, for tokens the normalisations; of a deep net evenly thinned, with the last of each grid.
 * Layers whose cells the scores do not read are left out.
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

/** Of a model of tokens, the normalisations; the parts inside of its blocks would fill the strip. */
function listStripTaps({ network }: Described): Tap[] {
  const taps = listTaps(network, { between: true });
  const some = taps.some((tap) => tap.tokens !== undefined && isStage(tap));
  return some ? taps.filter((tap) => tap.tokens === undefined || isStage(tap)) : taps;
}

/** Names of the source that mean one of the taps, each layer once, by its shortest. */
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
