import { explain, loadModel, type Engine } from '@gradcam/core';
import { openEngine } from '../../models/open-engine.ts';
import type { Terminal } from '../../terminal/messages.ts';
import { listVersions } from '../../versions.ts';
import { TINY_IMAGE, TINY_LOGITS, TINY_MAP, tinyNetFiles } from './tiny-net.ts';

/** The result of checking one engine on this machine. */
export interface EngineReport {
  /** The name as `--engine` takes it. */
  readonly name: string;
  /**
   * `right`: the answers equal those computed by hand; `wrong`: they do not; `absent`: the engine does not
   * start.
   */
  readonly state: 'right' | 'wrong' | 'absent';
  /** The runtime, its backend and its version; null for an engine that is absent. */
  readonly runtime: string | null;
  /** Time to start the engine and explain the tiny image, in milliseconds. */
  readonly ms: number | null;
  /** The reason why the state is not `right`. */
  readonly reason: string | null;
}

/** The answers are sums of a few small integers and halves: exact in float32, and nearly exact in float16. */
const TOLERANCE = 1e-3;

/** Starts an engine, explains the tiny image with it, and compares the result with the known answers. */
export async function checkEngine(name: string, terminal: Terminal): Promise<EngineReport> {
  const start = performance.now();
  let engine: Engine;
  try {
    engine = await openEngine(name, terminal);
  } catch (error) {
    return { name, state: 'absent', runtime: null, ms: null, reason: firstLine(error) };
  }
  const runtime = `${engine.name} ${versionOf(engine.name)}`.trim();
  try {
    const reason = await compareWithHand(engine);
    const ms = Math.round(performance.now() - start);
    return { name, state: reason === null ? 'right' : 'wrong', runtime, ms, reason };
  } catch (error) {
    return { name, state: 'wrong', runtime, ms: null, reason: firstLine(error) };
  }
}

/** A description of the difference from the known answers; null where there is none. */
async function compareWithHand(engine: Engine): Promise<string | null> {
  const model = await loadModel(tinyNetFiles(), { engine, inputRange: '0..1' });
  try {
    const { predictions, explanations } = await explain(model, TINY_IMAGE, {
      targets: [0],
      layers: ['relu'],
    });
    const logits = TINY_LOGITS.map(
      (_, index) => predictions.find((one) => one.index === index)?.logit ?? NaN,
    );
    if (!isNear(logits, TINY_LOGITS)) {
      return `self-test: expected logits ${TINY_LOGITS.join(', ')}, found ${logits.join(', ')}`;
    }
    const map = [...explanations[0]!.raw.data];
    if (isNear(map, TINY_MAP)) return null;
    return `self-test: expected map ${TINY_MAP.join(', ')}, found ${map.join(', ')}`;
  } finally {
    model.dispose();
  }
}

function isNear(found: readonly number[], expected: readonly number[]): boolean {
  return expected.every((value, i) => Math.abs(found[i]! - value) <= TOLERANCE);
}

function versionOf(engine: string): string {
  const versions = listVersions(engine);
  return versions['onnxruntime-node'] ?? versions['@tensorflow/tfjs-core'] ?? '';
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
