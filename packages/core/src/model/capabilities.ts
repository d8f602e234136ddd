import { deriveGradient } from '../network/derive/derive.ts';
import { isGradcamError } from '../base/errors.ts';
import type { Method } from '../methods/method.ts';
import { methods } from '../methods/registry.ts';
import { hasMeanAndLinearHead } from '../network/linear-head.ts';
import { mainHead, type Network } from '../network/network.ts';
import type { OpaqueCall, ReluPolicy } from '../network/op.ts';
import { listOpaqueCalls } from '../network/opaque-call.ts';
import { describeUnreadCells } from '../network/grid/unread-cells.ts';
import { findRecommended } from '../network/taps.ts';
import type { ModelDescription } from './description.ts';
import { resolveLayer } from './model.ts';

/** Which library computes which layers of a model, and which methods can explain it at one layer. */
export interface CapabilityReport {
  /** Layers in the op set, which every engine computes. */
  readonly ownLayers: readonly string[];
  /** Layers that another library computes, on an engine of its own. */
  readonly foreignLayers: readonly {
    readonly layer: string;
    readonly className: string;
    readonly by: OpaqueCall['by'];
  }[];
  /** The layer that the methods were asked about. */
  readonly layer: string;
  readonly methods: readonly MethodCapability[];
}

/** Whether a method can explain a model. */
export type MethodCapability =
  | { readonly method: string; readonly possible: true }
  /** `reason` says in one line what stands in the way, and what to do. */
  | { readonly method: string; readonly possible: false; readonly reason: string };

/**
 * Reports, before anything runs, which layers of a model are in the op set, which ones tfjs-layers or
 * tfjs-converter computes, and which methods are possible at a layer.
 *
 * Gradients that a backend computes wrongly are found only when they are first asked for: see
 * `createLayersEngine`.
 *
 * @throws GradcamError as {@link resolveLayer}.
 */
export function reportCapabilities(
  model: Pick<ModelDescription, 'network' | 'endpoints' | 'defaultLayer'>,
  name = 'auto',
): CapabilityReport {
  const { network } = model;
  const { layer, node } = resolveLayer(model, name);
  const foreign = listOpaqueCalls(network);
  const names = new Set(foreign.map((call) => call.layer));
  const opaque = network.nodes.filter(({ op }) => op.kind === 'opaque');
  const others = new Set([...network.inputs, ...opaque.map((one) => one.name)]);
  return {
    ownLayers: [...network.layers].flatMap(([own, held]) =>
      names.has(own) || others.has(own) || others.has(held) ? [] : [own],
    ),
    foreignLayers: foreign.map(({ layer, className, by }) => ({ layer, className, by })),
    layer,
    methods: methods.map((method) => {
      const reason = findObstacle(method, network, { layer, node });
      const { name: title } = method;
      return reason === null
        ? { method: title, possible: true }
        : { method: title, possible: false, reason };
    }),
  };
}

/** The library that computes the layers outside the op set; null where there are none. */
export function foreignRuntime(network: Network): OpaqueCall['by'] | null {
  return listOpaqueCalls(network)[0]?.by ?? null;
}

/**
 * Whether the score has a plain gradient at a node: no node between the two is computed by another runtime
 * that has no derivatives.
 */
export function hasGradient(network: Network, node: string): boolean {
  if (foreignRuntime(network) === null) return true;
  try {
    deriveGradient(network, { seedAt: mainHead(network).logits, wrt: [node], relu: 'plain' });
    return true;
  } catch (error) {
    if (!isGradcamError(error, 'unsupported', 'not-found')) throw error;
    return false;
  }
}

/** Derives every gradient that the method would need; the error's message is the obstacle. */
function findObstacle(
  method: Method,
  network: Network,
  { layer, node }: { readonly layer: string; readonly node: string },
): string | null {
  const { usesLayer, inputPolicy } = method;
  if (usesLayer && network.inputs.includes(node) && findRecommended(network) === null) {
    return 'the model has no layer with a spatial output';
  }
  const obstacle = method.findObstacle?.(network) ?? null;
  if (obstacle !== null || method.gradientFree) return obstacle;
  const unread = usesLayer ? describeUnreadCells(network, layer, node) : null;
  if (unread !== null) return `${unread}; take a layer before the last attention`;
  const input = network.inputs[0]!;
  const needs: [string, ReluPolicy][] = [];
  if (inputPolicy !== undefined) needs.push([input, inputPolicy]);
  if (usesLayer) needs.push([node, 'plain']);
  else if (method.passes === 'own') needs.push([input, 'plain']);
  for (const [wrt, relu] of needs) {
    try {
      deriveGradient(network, { seedAt: mainHead(network).logits, wrt: [wrt], relu });
    } catch (error) {
      if (!isGradcamError(error, 'unsupported', 'not-found')) throw error;
      return error.message;
    }
  }
  if (method.presumes !== undefined && !hasMeanAndLinearHead(network, node)) {
    return 'the layer is not followed by the mean over its grid and one linear layer; use grad-cam';
  }
  return null;
}
