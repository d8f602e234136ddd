import { downloadFile } from '../../src/node/download.ts';

/** A process to be killed: downloads a file into a cache, and says when the first bytes are there. */
const [url = '', cacheDirectory = ''] = process.argv.slice(2);
await downloadFile({
  ...{ urls: [url], fileName: 'weights.npy', cacheDirectory, backoffMs: 1 },
  onProgress: () => process.stdout.write('.'),
});
