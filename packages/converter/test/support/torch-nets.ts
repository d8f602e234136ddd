import type { InputSpec } from '../../src/architectures/architecture.ts';
import { createMemoryFolder } from '../../src/bytes/source.ts';
import { convertTorch } from '../../src/artifact/convert-torch.ts';
import type { ConversionReport } from '../../src/artifact/convert-weights.ts';
import { openWeights } from '../../src/formats/open-weights.ts';
import type { WeightFile } from '../../src/tensors/stored-tensor.ts';
import { readFixture } from './fixtures.ts';
import { createMemorySink, type MemorySink } from './memory-sink.ts';

/** What PyTorch computed in float64 for a fixture. */
export interface TorchExpectation {
  /** Side of the picture in pixels. */
  readonly size: number;
  /** The module whose value is expected. */
  readonly module: string;
  readonly logits: { readonly float32: string };
  readonly activation: { readonly shape: readonly number[]; readonly float32: string };
  readonly gradient: { readonly float32: string };
}

/** Opens a file of bytes under a name. */
export function openBytes(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<WeightFile> {
  return openWeights(createMemoryFolder(new Map([[name, bytes]])), name);
}

/** Converts a fixture of PyTorch in memory. */
export async function convertTorchFixture(
  name: string,
  options: {
    readonly size?: number;
    readonly architecture?: string;
    readonly head?: string | undefined;
    readonly folder?: string;
    readonly input?: Partial<InputSpec>;
  } = {},
): Promise<{ sink: MemorySink; report: ConversionReport }> {
  const file = await openBytes(name, readFixture(`${options.folder ?? 'torch'}/${name}`));
  const sink = createMemorySink();
  const source = { uri: name, digests: { sha256: '', conversion: '' } };
  return { sink, report: await convertTorch(file, { ...options, source, sink }) };
}

/** The picture for which the fixtures were computed: `draw_picture` in tools/oracles/torch_expectations.py. */
export function drawPicture(size: number, channels = 3): Uint8Array {
  const pixels = new Uint8Array(size * size * channels);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < channels; c++) {
        pixels[(y * size + x) * channels + c] =
          (x * 7 + y * 13 + c * 29 + ((x * y) % 31) * 4) % 256;
      }
    }
  }
  return pixels;
}
