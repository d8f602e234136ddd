import type { OpKind } from '../../network/op.ts';
import type { Rule, RuleOf } from './crossing.ts';
import { denseRule } from './dense-rule.ts';
import * as joins from './join-rules.ts';
import * as places from './place-rules.ts';
import * as windows from './window-rules.ts';

/**
 * The rules of CNN-Fixations for the ops of a network. An op that is not listed cannot be unravelled: the
 * products of attention, for example, have no one cell that is to be blamed.
 *
 * @see Mopuri et al. 2018, arXiv 1708.06670, section III; `layers.py` of the authors' program for the choices
 *   that the paper leaves open
 */
const rules: Readonly<Partial<{ [K in OpKind]: RuleOf<K> }>> = {
  dense: denseRule,
  conv2d: windows.conv2dRule,
  depthwiseConv2d: windows.depthwiseRule,
  maxPool: windows.poolRule,
  averagePool: windows.poolRule,
  globalAveragePool: windows.globalPoolRule,
  globalMaxPool: windows.globalPoolRule,
  sumTo: places.reduceRule,
  maxTo: places.reduceRule,
  add: joins.addRule,
  subtract: joins.subtractRule,
  multiply: joins.multiplyRule,
  divide: joins.multiplyRule,
  maximum: joins.maximumRule,
  minimum: joins.minimumRule,
  concatenate: places.concatenateRule,
  batchNorm: places.batchNormRule,
  layerNorm: places.scaleRule,
  channelScale: places.scaleRule,
  affine: places.scaleRule,
  relu: places.samePlaceRule,
  prelu: places.samePlaceRule,
  activation: places.samePlaceRule,
  sigmoid: places.samePlaceRule,
  reshape: places.samePlaceRule,
  pad: places.padRule,
  padWith: places.padRule,
  crop: places.padRule,
  slice: places.takeRule,
  stride: places.takeRule,
  gather: places.takeRule,
  permute: places.permuteRule,
  broadcast: places.broadcastRule,
  resizeNearest: places.resizeNearestRule,
};

/** The rule of an op; undefined for an op that cannot be unravelled. */
export function ruleOf(kind: OpKind): Rule | undefined {
  return rules[kind] as Rule | undefined;
}
