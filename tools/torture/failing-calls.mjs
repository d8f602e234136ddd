// @ts-check
/**
 * Loaded before the command (`--import`), in each of its threads: counts the calls that change files below a
 * folder, over all threads, and lets one of them fail, tear, or be the process's last. The plan comes in
 * `$GRADCAM_TORTURE_PLAN`.
 *
 * @typedef {object} Plan
 * @property {string} within calls elsewhere are not counted
 * @property {string} [log] a file that gets a line for each call: number, name, path
 * @property {number} [at] number of the call that meets the fault, from 1
 * @property {'all' | 'writes' | 'partial'} [only] what is counted: every call that changes something;
 *   those that write, name or flush, and not those that remove; those that may write less than asked
 * @property {'die' | 'fail' | 'short' | 'remove'} [act]
 * @property {NodeJS.Signals} [signal] of `die`: sent to the process itself
 * @property {string} [code] of `fail`: EIO, say
 * @property {boolean} [lasting] of `fail`: all later calls that are counted fail too, as on a disk that died
 * @property {string} [folder] of `remove`: removed just before the call
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** @type {Plan} */
const plan = JSON.parse(process.env['GRADCAM_TORTURE_PLAN'] ?? '{"within":"/nowhere"}');
const { only = 'all' } = plan;
const original = { ...fs };

const KEY = 'gradcam-torture-count';
if (isMainThread) setEnvironmentData(KEY, new SharedArrayBuffer(4));
/** Shared by all threads. */
const count = new Int32Array(/** @type {SharedArrayBuffer} */ (getEnvironmentData(KEY)));

const REMOVING = /^(rm|rmdir|unlink)(Sync)?$/;
const PARTIAL = /^(write|writev)$/;

/** Paths of what is open for writing. */
const openFiles = new Map();
const openHandles = new WeakMap();

/**
 * Called before each call.
 *
 * @param {string} name of the function
 * @param {unknown} file
 * @param {() => void} tear does half of the call's work
 * @returns {NodeJS.ErrnoException | 'short' | null} what befalls it
 */
function meet(name, file, tear) {
  if (typeof file !== 'string') return null;
  const full = path.resolve(file);
  if (full !== plan.within && !full.startsWith(`${plan.within}/`)) return null;
  if (only === 'writes' && REMOVING.test(name)) return null;
  if (only === 'partial' && !PARTIAL.test(name)) return null;
  const number = Atomics.add(count, 0, 1) + 1;
  if (plan.log !== undefined) original.appendFileSync(plan.log, `${number}\t${name}\t${full}\n`);
  const { at = Number.POSITIVE_INFINITY, act, lasting = false } = plan;
  if (number !== at && !(lasting && number > at)) return null;
  if (act === 'short') return 'short';
  if (act === 'remove') {
    original.rmSync(plan.folder ?? '', { recursive: true, force: true });
    return null;
  }
  if (act === 'die') {
    if (plan.signal === 'SIGKILL') attempt(tear);
    process.kill(process.pid, plan.signal);
    return null;
  }
  attempt(tear);
  const code = plan.code ?? 'EIO';
  const error = new Error(`${code}: i/o error, ${name} '${file}'`);
  return Object.assign(error, { errno: -5, code, syscall: name, path: file });
}

/** @param {() => void} work */
function attempt(work) {
  try {
    work();
  } catch {
    // There is nothing to tear.
  }
}

/** @param {unknown} flags as `open` takes them */
function writes(flags) {
  if (typeof flags === 'number') return (flags & 3) !== 0;
  return typeof flags === 'string' && /[wa+]/.test(flags);
}

/**
 * The first half of what is to be written, of a list of pieces of the first.
 *
 * @param {unknown} data
 * @returns {string | Uint8Array}
 */
function halfOf(data) {
  if (typeof data === 'string') return data.slice(0, data.length / 2);
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength >> 1);
  }
  return Array.isArray(data) ? halfOf(data[0]) : '';
}

/**
 * @typedef {Record<string, any>} Functions
 * @typedef {(self: any, args: any[]) => unknown} PathOf
 */

/** @type {PathOf} */
const firstArgument = (_self, [file]) => (file instanceof URL ? file.pathname : file?.toString());
/** @type {PathOf} */
const ofHandle = (self) => openHandles.get(self);
/** @type {PathOf} */
const ofDescriptor = (_self, [fd]) => openFiles.get(fd);

/**
 * @param {Functions} owner
 * @param {string} name
 * @param {object} how
 * @param {PathOf} [how.pathOf]
 * @param {(self: any, args: any[]) => void} [how.tear]
 * @param {(args: any[]) => any[]} [how.shorten]
 * @param {(args: any[]) => boolean} [how.counts]
 * @param {(result: any, args: any[]) => void} [how.done]
 * @param {'promise' | 'callback' | 'sync'} how.style
 */
function wrap(owner, name, { pathOf = firstArgument, tear, shorten, counts, done, style }) {
  const call = owner[name];
  owner[name] = function (/** @type {any[]} */ ...args) {
    const own = counts?.(args) ?? true;
    const fate = own ? meet(name, pathOf(this, args), () => tear?.(this, args)) : null;
    if (fate instanceof Error) {
      if (style === 'sync') throw fate;
      if (style === 'promise') return Promise.reject(fate);
      return void process.nextTick(args.at(-1), fate);
    }
    const given = fate === 'short' && shorten !== undefined ? shorten(args) : args;
    if (style === 'callback' && done !== undefined) {
      const tell = given.at(-1);
      given[given.length - 1] = (/** @type {any} */ error, /** @type {any} */ result) => {
        if (!error) done(result, args);
        tell(error, result);
      };
    }
    const result = call.apply(this, given);
    if (style === 'sync') done?.(result, args);
    if (style === 'promise' && done !== undefined) {
      return result.then((/** @type {any} */ value) => {
        done(value, args);
        return value;
      });
    }
    return result;
  };
}

/** Nothing to tear: a name is there or not. */
const NAMING = ['rename', 'mkdir', 'mkdtemp', 'link', 'symlink', 'copyFile', 'truncate'];
const REMOVALS = ['rm', 'rmdir', 'unlink'];
/** @type {(args: any[]) => boolean} */
const opensForWriting = ([, flags]) => writes(flags);
/** @type {(self: any, args: any[]) => void} */
const tearFile = (_self, [file, data]) => original.writeFileSync(file, halfOf(data));
/** @type {(self: any, args: any[]) => void} */
const tearEnd = (_self, [file, data]) => original.appendFileSync(file, halfOf(data));

const promises = /** @type {Functions} */ (fs.promises);
const functions = /** @type {Functions} */ (fs);
for (const name of [...NAMING, ...REMOVALS]) {
  wrap(promises, name, { style: 'promise' });
  wrap(functions, name, { style: 'callback' });
  wrap(functions, `${name}Sync`, { style: 'sync' });
}
wrap(promises, 'writeFile', { style: 'promise', tear: tearFile });
wrap(promises, 'appendFile', { style: 'promise', tear: tearEnd });
wrap(functions, 'writeFileSync', { style: 'sync', tear: tearFile });
wrap(functions, 'appendFileSync', { style: 'sync', tear: tearEnd });

// Of a handle of one's own, to find what all handles share.
const probe = await fs.promises.open(new URL(import.meta.url));
const handles = /** @type {Functions} */ (Object.getPrototypeOf(probe));
await probe.close();
wrap(promises, 'open', {
  style: 'promise',
  counts: opensForWriting,
  done: (handle, args) => {
    if (opensForWriting(args)) openHandles.set(handle, path.resolve(String(args[0])));
  },
});
for (const name of ['write', 'writeFile', 'appendFile']) {
  wrap(handles, name, {
    style: 'promise',
    pathOf: ofHandle,
    tear(handle, [data, offset = 0, length, position]) {
      if (name === 'write' && typeof offset === 'number' && ArrayBuffer.isView(data)) {
        const bytes = /** @type {Uint8Array} */ (data);
        original.writeSync(handle.fd, bytes, offset, (length ?? data.byteLength) >> 1, position);
      } else original.writeSync(handle.fd, /** @type {Uint8Array} */ (halfOf(data)));
    },
    shorten: ([data, offset, length, ...rest]) =>
      typeof length === 'number' ? [data, offset, length >> 1, ...rest] : [halfOf(data)],
  });
}
for (const name of ['sync', 'datasync', 'truncate']) {
  wrap(handles, name, { style: 'promise', pathOf: ofHandle });
}

const remember = (/** @type {number} */ fd, /** @type {any[]} */ args) => {
  if (opensForWriting(args)) openFiles.set(fd, path.resolve(String(args[0])));
  else openFiles.delete(fd);
};
wrap(functions, 'open', { style: 'callback', counts: opensForWriting, done: remember });
wrap(functions, 'openSync', { style: 'sync', counts: opensForWriting, done: remember });
/** @type {(self: any, args: any[]) => void} */
const tearDescriptor = (_self, [fd, data, offset = 0, length]) =>
  void original.writeSync(fd, data, offset, (length ?? data.byteLength) >> 1);
for (const [name, style] of /** @type {const} */ ([
  ['write', 'callback'],
  ['writeSync', 'sync'],
])) {
  wrap(functions, name, {
    style,
    pathOf: ofDescriptor,
    tear: tearDescriptor,
    shorten: ([fd, data, offset, length, ...rest]) => [
      ...[fd, data, offset],
      ...(typeof length === 'number' ? [length >> 1] : [length]),
      ...rest,
    ],
  });
}
wrap(functions, 'writev', { style: 'callback', pathOf: ofDescriptor });
wrap(functions, 'fsync', { style: 'callback', pathOf: ofDescriptor });
wrap(functions, 'fsyncSync', { style: 'sync', pathOf: ofDescriptor });

syncBuiltinESMExports();
