// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startService } from './running-service.mjs';

const attacker = fileURLToPath(new URL('./hostile-requests.mjs', import.meta.url));
const scene = fileURLToPath(new URL('../../demo/scenes/cat-and-dog.png', import.meta.url));

const TOKEN = 'a-token-of-the-benchmark';

/** Clients that ask one request after the other, and the pause of each between two. */
const CLIENTS = 2;
const PAUSE_MS = 50;

/** Hostile requests a second of each of eight kinds. Fifty slow bodies arrive besides. */
const PER_SECOND = 10;

/**
 * Measures how long others wait while slow and half bodies, bombs, deep JSON, floods of headers, wrong types,
 * paths and guessed tokens arrive: the 99th percentile of their times, with and without these, in turns.
 *
 * @param {string} net
 * @param {string} folder of the model
 * @param {{ seconds: number, rounds: number }} options seconds of each turn
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureHostile(net, folder, { seconds, rounds }) {
  const env = { GRADCAM_TOKEN: TOKEN };
  const service = await startService(['--models', path.dirname(folder)], env);
  const body = readFileSync(scene);
  const ask = async () => {
    const began = performance.now();
    const response = await fetch(`${service.url}/v1/explain?model=${net}`, {
      method: 'POST',
      headers: { 'content-type': 'image/png', authorization: `Bearer ${TOKEN}` },
      body,
    });
    await response.arrayBuffer();
    return { ms: performance.now() - began, status: response.status };
  };
  /** @param {{ ms: number, status: number }[]} into @param {number} forMs */
  const askFor = async (into, forMs) => {
    const until = performance.now() + forMs;
    const client = async () => {
      while (performance.now() < until) {
        into.push(await ask());
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  };
  try {
    await askFor([], 2000);
    /** @type {{ ms: number, status: number }[]} */
    const calm = [];
    /** @type {{ ms: number, status: number }[]} */
    const attacked = [];
    /** @type {string[]} */
    const answers = [];
    for (let round = 0; round < rounds; round++) {
      await askFor(calm, 1000 * seconds);
      const child = spawn(process.execPath, [attacker, service.url, String(PER_SECOND)], {
        env: { ...process.env, ...env },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      child.stdout.on('data', (text) => answers.push(String(text)));
      await new Promise((resolve) => setTimeout(resolve, 500));
      await askFor(attacked, 1000 * seconds);
      child.stdin.end();
      await once(child, 'close');
    }
    const [before, during] = [calm, attacked].map((list) => p99(list.map(({ ms }) => ms)));
    const failed = [...calm, ...attacked].filter(({ status }) => status !== 200).length;
    yield {
      what: 'p99 of other clients while hostile requests arrive / without them',
      net,
      ratio: (during ?? NaN) / (before ?? NaN),
      target: '<= 2',
      detail: `p99 ${before?.toFixed(0)} ms, ${during?.toFixed(0)} ms with ${PER_SECOND} requests a second of each kind; ${calm.length} and ${attacked.length} requests, ${failed} not answered with 200; hostile ones by kind and status: ${answers.at(-1)?.trim()}`,
    };
  } finally {
    await service.stop();
  }
}

/** @param {number[]} values */
function p99(values) {
  return values.sort((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1];
}
