// @ts-check
import { createServer } from 'node:net';
import { toLatin1 } from '../bytes.mjs';
import { tryTo } from '../mutate/fields.mjs';

/**
 * One answer of a server, right or wrong. `$start`, `$end`, `$last`, `$total` and `$length` in texts stand
 * for the numbers that a correct server would send.
 *
 * @typedef {object} Answer
 * @property {string | number} status e.g. `206 Partial Content`, or `auto`
 * @property {[name: string, value: string][]} headers
 * @property {string} body `range`, `whole`, `none`, `longer`, `chunked`
 * @property {number} cut bytes after which the connection ends; -1 for none
 */

/** @typedef {{ file: Uint8Array, fileName: string, answers: unknown }} Script */

/** No request needs more bytes than this. */
const MAX_REQUEST_BYTES = 2 ** 16;
/** The number of bytes that a body of the kind `longer` has in addition to the file. */
const LONGER_BYTES = 2 ** 20;

/**
 * Starts a server on this machine. It answers the n-th request for its file with the n-th answer of a script,
 * and repeats the last answer. Any other file is not found.
 */
export async function startScriptedServer() {
  /** @type {Script} */
  let script = { file: new Uint8Array(0), fileName: '', answers: [] };
  let count = 0;
  const server = createServer((socket) => {
    let head = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (head.length > MAX_REQUEST_BYTES) socket.destroy();
      if (!head.includes('\r\n\r\n')) return;
      const request = head;
      head = '';
      if (!request.split(' ', 2)[1]?.endsWith(`/${script.fileName}`)) {
        socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
        return;
      }
      const list = Array.isArray(script.answers) ? script.answers : [script.answers];
      const answer = list[Math.min(count, list.length - 1)];
      count += 1;
      socket.end(formatAnswer(answer, request, script.file));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    /** @param {Script} next */
    play(next) {
      script = next;
      count = 0;
    },
  };
}

/**
 * @param {unknown} script
 * @param {string} request
 * @param {Uint8Array} file
 */
function formatAnswer(script, request, file) {
  const answer = /** @type {Partial<Answer>} */ (script ?? {});
  const range = /\r\nrange: *bytes=(\d+)-(\d*)/i.exec(request);
  const start = range === null ? 0 : Number(range[1]);
  const end =
    range === null || range[2] === '' ? file.length : Math.min(file.length, Number(range[2]) + 1);
  const part = file.subarray(start, end);
  const body = answer.body === 'whole' ? file : answer.body === 'none' ? new Uint8Array(0) : part;
  /** @type {Record<string, number>} */
  const numbers = { start, end, last: end - 1, total: file.length, length: body.length };
  // A mutated script has values nested to any depth, and not all of them are texts.
  const fill = (/** @type {unknown} */ value) =>
    (tryTo(() => String(value)) ?? '').replace(/\$(start|end|last|total|length)/g, (_, name) =>
      String(numbers[name]),
    );
  const auto = range === null ? '200 OK' : '206 Partial Content';
  const lines = [`HTTP/1.1 ${answer.status === 'auto' ? auto : fill(answer.status)}`];
  for (const header of Array.isArray(answer.headers) ? answer.headers : []) {
    if (!Array.isArray(header)) continue;
    // An answer with the whole file has no range.
    if (header[0] === 'content-range' && range === null) continue;
    lines.push(`${fill(header[0])}: ${fill(header[1])}`);
  }
  const head = Buffer.from(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`, 'utf8');
  const whole = Buffer.concat([head, formatBody(body, answer.body)]);
  const { cut } = answer;
  return typeof cut === 'number' && cut >= 0 ? whole.subarray(0, head.length + cut) : whole;
}

/**
 * @param {Uint8Array} body
 * @param {unknown} kind
 */
function formatBody(body, kind) {
  if (kind === 'longer') return Buffer.concat([body, new Uint8Array(LONGER_BYTES)]);
  if (kind !== 'chunked') return body;
  return Buffer.from(`${body.length.toString(16)}\r\n${toLatin1(body)}\r\n0\r\n\r\n`, 'latin1');
}

/**
 * A correct answer, except for the given differences.
 *
 * @param {Partial<Answer>} [other]
 * @returns {Answer}
 */
export function rightAnswer(other = {}) {
  return {
    status: 'auto',
    headers: [
      ['content-type', 'application/octet-stream'],
      ['content-length', '$length'],
      ['content-range', 'bytes $start-$last/$total'],
      ['etag', '"v1"'],
      ['last-modified', 'Thu, 01 Jan 2026 00:00:00 GMT'],
    ],
    body: 'range',
    cut: -1,
    ...other,
  };
}

/**
 * Scripts of servers as they exist: correct, cut off, without ranges, in chunks, moved, failing.
 * @type {Readonly<Record<string, readonly Answer[]>>}
 */
export const SCRIPTS = {
  right: [rightAnswer()],
  cut: [rightAnswer({ cut: 700 }), rightAnswer()],
  whole: [
    rightAnswer({ status: '200 OK', body: 'whole', headers: [['content-length', '$length']] }),
  ],
  chunked: [
    rightAnswer({
      body: 'chunked',
      headers: [
        ['transfer-encoding', 'chunked'],
        ['content-range', 'bytes $start-$last/$total'],
      ],
    }),
  ],
  moved: [
    {
      status: '302 Found',
      headers: [
        ['location', '/moved/weights.ckpt'],
        ['content-length', '0'],
      ],
      body: 'none',
      cut: -1,
    },
    rightAnswer(),
  ],
  trouble: [
    {
      status: '503 Service Unavailable',
      headers: [['content-length', '0']],
      body: 'none',
      cut: -1,
    },
    rightAnswer(),
  ],
  longer: [rightAnswer({ body: 'longer' })],
  past: [
    rightAnswer({ cut: 900 }),
    {
      status: '416 Range Not Satisfiable',
      headers: [
        ['content-range', 'bytes */$total'],
        ['content-length', '0'],
      ],
      body: 'none',
      cut: -1,
    },
    rightAnswer(),
  ],
};
