import {
  convertKeras,
  createMemorySource,
  isKerasModel,
  readKerasArchive,
  readKerasHdf5,
  type ArtifactSink,
} from '@gradcam/converter';
import { GradcamError } from '@gradcam/core';
import { sha256 } from './digest.ts';

/** The first bytes of a zip, as a `.keras` file is one. */
const ZIP = [0x50, 0x4b];

/**
 * Converts a whole model of Keras (`.keras`, `.h5`) into the files of a tfjs model, in memory. It is the
 * conversion of `gradcam convert`, without rounding.
 *
 * @param name of the file, for errors.
 * @returns `model.json` and the weight files, by their names.
 * @throws GradcamError `model` for a file that is damaged or holds weights alone; errors of the converter for
 *   a model that it does not convert.
 */
export async function convertKerasFile(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const source = createMemorySource(name, bytes);
  const isZip = ZIP.every((byte, i) => bytes[i] === byte);
  const file = await (isZip ? readKerasArchive(source) : readKerasHdf5(source)).catch(
    (cause: Error) => {
      // The readers of the two formats do not always name the file.
      const where = cause.message.includes(name) ? '' : `${name}: `;
      throw new GradcamError('model', where + cause.message, { cause });
    },
  );
  if (!isKerasModel(file)) {
    throw new GradcamError(
      'model',
      `${name} holds weights without a model; save the whole model in Python: model.save('model.keras')`,
    );
  }
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const digests = { sha256: (await sha256(bytes)) ?? '', conversion: '' };
  await convertKeras({ file, source: { uri: name, digests }, sink: collectFiles(files), signal });
  return files;
}

/** Collects the converted files in memory. Nothing reads their digests, so none are computed. */
function collectFiles(files: Map<string, Uint8Array<ArrayBuffer>>): ArtifactSink {
  return {
    async createFile(name) {
      const parts: Uint8Array[] = [];
      return {
        async write(bytes) {
          parts.push(bytes);
        },
        async close() {
          const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
          let offset = 0;
          for (const part of parts) {
            whole.set(part, offset);
            offset += part.byteLength;
          }
          files.set(name, whole);
          return '';
        },
      };
    },
    async settle() {},
  };
}
