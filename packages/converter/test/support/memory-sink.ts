import { createHash } from 'node:crypto';
import type { ArtifactSink } from '../../src/artifact/sink.ts';
import type { ModelJson } from '../../src/artifact/model-json.ts';

/** An artifact in memory. */
export interface MemorySink extends ArtifactSink {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
}

/** Collects an artifact's files. */
export function createMemorySink(): MemorySink {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    files,
    async settle() {},
    async createFile(name) {
      const parts: Uint8Array[] = [];
      return {
        async write(bytes) {
          parts.push(bytes.slice());
        },
        async close() {
          const whole = new Uint8Array(Buffer.concat(parts));
          files.set(name, whole);
          return createHash('sha256').update(whole).digest('hex');
        },
      };
    },
  };
}

/** The `model.json` of an artifact in memory. */
export function readModelJson(sink: MemorySink): ModelJson {
  return JSON.parse(new TextDecoder().decode(sink.files.get('model.json'))) as ModelJson;
}
