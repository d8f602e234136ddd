// @ts-check
/** Converts one file and prints the seconds it took and the process's peak memory as JSON. */
import { convertModel } from '@gradcam/converter/node';

const [source = '', architecture = '', out = ''] = process.argv.slice(2);
const start = performance.now();
await convertModel({ source, architecture, out });
const seconds = (performance.now() - start) / 1000;
// maxRSS is in KiB.
const peakMegabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
process.stdout.write(JSON.stringify({ seconds, peakMegabytes }));
