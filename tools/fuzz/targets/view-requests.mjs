// @ts-check
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { serveRun } from '../../../packages/cli/dist/commands/view/serve-run.js';
import { latin1 } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { mutateText } from '../mutate/text.mjs';
import { Disagreement } from '../oracle.mjs';
import { makeScratch } from '../scratch.mjs';
import { makeTinyModel } from './tiny-model.mjs';

/** A text in every file that must not be served. */
const SECRET = 'nobody-may-read-this';
const PATHS = [
  '/',
  '/index.html',
  '/served.json',
  '/run/run.json',
  '/run/results.jsonl',
  '/run/images/a/map.npy',
  '/run/link.txt',
  `/run/originals/${'0'.repeat(64)}`,
  '/models/tiny/model.json',
  '/models/tiny/a.bin',
  '/models/tiny/notes.txt',
  '/against/run.json',
  '/thumbnails/128/images/a/x.png',
  '/run/%2e%2e/secret.txt',
  '/../secret.txt',
  '/run/..%2fsecret.txt',
];
const RANGES = [
  '',
  'Range: bytes=0-9\r\n',
  'Range: bytes=5-\r\n',
  'Range: bytes=-4\r\n',
  'Range: bytes=0-1,3-4\r\n',
];

/**
 * The lines of a request as parts.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
const lines = {
  unpack: (bytes) =>
    Buffer.from(bytes)
      .toString('latin1')
      .split('\r\n')
      .map((line) => ({ name: '', bytes: latin1(line) })),
  pack: (parts) =>
    latin1(parts.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('\r\n')),
};

/** @param {string} folder */
function fill(folder) {
  const { files } = makeTinyModel('uint8');
  /** @type {Record<string, string | Uint8Array>} */
  const content = {
    'secret.txt': SECRET,
    'page/index.html': '<!doctype html>',
    'run/run.json': '{}',
    'run/results.jsonl': `{"image":"${path.join(folder, 'secret.txt')}","sha256":"${'1'.repeat(64)}"}\n`,
    'run/images/a/map.npy': 'map',
    'models/tiny/notes.txt': SECRET,
  };
  for (const [name, bytes] of Object.entries(files)) content[`models/tiny/${name}`] = bytes;
  for (const [name, bytes] of Object.entries(content)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), bytes);
  }
  symlinkSync(path.join(folder, 'secret.txt'), path.join(folder, 'run/link.txt'));
}

/** Matches requests that every server must answer. */
const CLEAN =
  /^(GET|HEAD) \/[!-~]* HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n(Range: [ -~]*\r\n)?Connection: close\r\n\r\n$/;

/** Milliseconds without data after which a connection that stays open is taken to be complete. */
const QUIET_MS = 20;
/**
 * Milliseconds to wait for an answer to a request that seems complete; Node may take it for the beginning of
 * a longer one.
 */
const ANSWER_MS = 500;
/**
 * Milliseconds to wait for the answer to a request that every server must answer, on a machine under load.
 */
const CLEAN_ANSWER_MS = 10_000;

/**
 * Sends a request and returns everything that the server sends until it closes the connection. Node drops the
 * answers for a client that closes its side, so this side is closed only when no more data is expected.
 *
 * @param {number} port
 * @param {string} request latin1
 * @returns {Promise<string>}
 */
function ask(port, request) {
  // Empty lines before a request do not belong to it.
  const isWhole =
    request.trimStart().includes('\r\n\r\n') && !/content-length|transfer-encoding/i.test(request);
  const patience = CLEAN.test(request) ? CLEAN_ANSWER_MS : isWhole ? ANSWER_MS : QUIET_MS;
  return new Promise((resolve) => {
    /** @type {Buffer[]} */
    const parts = [];
    const socket = connect({ port, host: '127.0.0.1' });
    let timer = setTimeout(() => socket.end(), patience);
    socket.on('data', (part) => {
      parts.push(part);
      clearTimeout(timer);
      timer = setTimeout(() => socket.end(), QUIET_MS);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts).toString('latin1'));
    });
    socket.write(latin1(request));
  });
}

/** Requests to the server of `gradcam view`. @type {import('../target.mjs').Target} */
export const viewRequests = {
  name: 'view-requests',
  share: 5,
  waits: true,
  mutationsOf: () => [
    containerMutation(lines, () => [mutateText]),
    containerMutation(lines, () => [mutateText]),
    mutateText,
    mutateBytes,
  ],
  async start() {
    const folder = makeScratch('view');
    fill(folder);
    const inFolder = (/** @type {string} */ name) => path.join(folder, name);
    const server = await serveRun({
      run: inFolder('run'),
      models: [inFolder('models')],
      page: inFolder('page'),
    });
    const port = Number(new URL(server.url).port);
    // Seeds contain the word PORT instead of the number, so that they are the same in every process.
    const requests = PATHS.map(
      (where, i) =>
        `${i % 5 === 4 ? 'HEAD' : 'GET'} ${where} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n${RANGES[i % RANGES.length]}Connection: close\r\n\r\n`,
    );
    return {
      seeds: requests.map((request, i) => ({
        name: PATHS[i],
        open: 'request.txt',
        files: { 'request.txt': latin1(request) },
      })),
      async run({ files }) {
        const text = Buffer.from(files['request.txt'])
          .toString('latin1')
          .replaceAll('PORT', String(port));
        const answer = await ask(port, text);
        if (answer.includes(SECRET))
          throw new Disagreement('a file is served that is none of the run');
        if (answer === '' && CLEAN.test(text))
          throw new Disagreement('a clean request is not answered');
        const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'closed';
        // Node itself answers requests that are not HTTP, with status 400, 408, 413, 417 or 431.
        if (/^(2|403|404|405)/.test(status) && !/\r\ncontent-security-policy: /i.test(answer)) {
          throw new Disagreement(`an answer ${status} without the page's rules`);
        }
        if (/^5/.test(status)) throw new Disagreement(`an answer ${status}`);
        const [, body = ''] = answer.split('\r\n\r\n', 2);
        return `${status} ${createHash('md5').update(body, 'latin1').digest('hex')}`;
      },
      stop: () => server.close(),
    };
  },
};
