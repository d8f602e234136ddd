import { BODIES_IN_MEMORY } from '../limits.ts';
import { RequestError } from '../request-error.ts';

/** Collects bodies in memory, and knows how much they take together while they arrive. */
export interface BodyCollector {
  /**
   * Reads a stream to its end.
   *
   * @throws RequestError `too-large` above the limit of one body, `busy` where all bodies that are arriving
   *   take too much memory together, `bad-request` where the stream ends early.
   */
  collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer>;
}

/** @param most bytes of one body. */
export function createBodyCollector(most: number): BodyCollector {
  let held = 0;
  return {
    async collect(stream) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      try {
        for await (const chunk of stream) {
          size += chunk.byteLength;
          held += chunk.byteLength;
          if (size > most) throw tooLarge(most);
          if (held > most * BODIES_IN_MEMORY) {
            throw new RequestError('busy', 'too many bodies are being received; try again later');
          }
          chunks.push(chunk);
        }
        return Buffer.concat(chunks, size);
      } catch (error) {
        if (error instanceof RequestError) throw error;
        throw new RequestError('bad-request', 'the body ended before it was complete', {
          cause: error,
        });
      } finally {
        held -= size;
      }
    },
  };
}

/** The refusal of a body above the limit. */
export function tooLarge(most: number): RequestError {
  const megabytes = Number((most / 2 ** 20).toPrecision(3));
  return new RequestError(
    'too-large',
    `the body has more than ${megabytes} MB, the limit of this service; send a smaller or compressed picture`,
  );
}
