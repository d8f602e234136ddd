import { importPeer } from '../../base/import-peer.ts';
import type { Engine } from '../port/engine.ts';
import type { TfjsEngineOptions } from './create-engine.ts';

/**
 * Creates an engine that evaluates networks with TensorFlow.js ops.
 *
 * tfjs has one backend at a time for the whole program. Creating an engine selects its backend.
 *
 * @throws GradcamError `engine` where tfjs or the backend is missing, with the line that installs it, where
 *   the backend does not start, or has 16-bit floats only.
 */
export async function createTfjsEngine(options: TfjsEngineOptions = {}): Promise<Engine> {
  const tfjs = await importPeer(() => import('./create-engine.ts'));
  return tfjs.createTfjsEngine(options);
}
