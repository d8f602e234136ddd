import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StoredArray } from './fixture.ts';

/** What `tools/oracles/random_models.py` says of a net that it drew. */
export interface RandomModel {
  readonly form: 'keras2' | 'keras3';
  /** How its weights are named in the manifest. */
  readonly naming: 'own' | 'prefixed' | 'numbered' | 'elsewhere';
  readonly final: 'softmax' | 'sigmoid' | 'linear';
  readonly input: StoredArray;
  readonly output: StoredArray;
  /** Gradient with respect to the output. */
  readonly upstream: StoredArray;
  /** Gradient with respect to the input that follows from it. */
  readonly gradient: StoredArray;
}

/** The committed nets, or those in `$GRADCAM_RANDOM_MODELS`. */
const folder =
  process.env['GRADCAM_RANDOM_MODELS'] ??
  fileURLToPath(new URL('../fixtures/models', import.meta.url));

/** Folders of the nets. */
export function listRandomModels(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name))
    .sort();
}

export function readRandomModel(net: string): RandomModel {
  return JSON.parse(readFileSync(path.join(net, 'expected.json'), 'utf8')) as RandomModel;
}
