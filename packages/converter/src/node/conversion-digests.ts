import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Architecture, InputSpec } from '../architectures/architecture.ts';
import { CONVERTED_BY, type SourceDigests } from '../artifact/convert-weights.ts';
import type { WeightDType } from '../artifact/quantize.ts';
import { digestFiles } from './digest.ts';

/** The settings of a conversion that change its result, as `convertModel` takes them. */
export interface DigestedSettings {
  readonly id?: string | undefined;
  readonly dtype?: WeightDType | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly input?: Partial<InputSpec> | undefined;
  readonly size?: number | undefined;
  readonly head?: string | undefined;
  readonly signature?: string | undefined;
  readonly outputs?: readonly string[] | undefined;
}

/** How the digests are computed. */
export interface DigestOptions extends DigestedSettings {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?:
    ((progress: { stage: 'digest'; doneBytes: number; totalBytes: number }) => void) | undefined;
}

/**
 * Reads all files of a source for its digest, and computes the digest of the conversion, which also covers
 * its settings.
 */
export async function computeDigests(
  files: readonly string[],
  architecture: string | Architecture | undefined,
  options: DigestOptions,
): Promise<SourceDigests> {
  const { signal, onProgress } = options;
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  let doneBytes = 0;
  const sha256 = await digestFiles(files, {
    signal,
    onBytes(bytes) {
      doneBytes += bytes;
      onProgress?.({ stage: 'digest', doneBytes, totalBytes });
    },
  });
  return { sha256, conversion: digestConversion(sha256, architecture, options) };
}

function digestConversion(
  sourceSha256: string,
  architecture: string | Architecture | undefined,
  options: DigestedSettings,
): string {
  const {
    id = null,
    labels = null,
    dtype = 'float32',
    input = null,
    size = null,
    head,
    signature,
    outputs,
  } = options;
  // An architecture that the caller defines has no version, so its net and inputs are part of the digest.
  const net = typeof architecture === 'object' ? architecture.draft(architecture.classes) : null;
  const parts: unknown[] = [
    CONVERTED_BY,
    sourceSha256,
    id,
    dtype,
    architecture ?? null,
    net,
    labels,
    input,
    size,
  ];
  if (signature !== undefined || outputs !== undefined) parts.push([signature, outputs]);
  if (head !== undefined) parts.push({ head });
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
