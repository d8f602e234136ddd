// @ts-check
import { canMount } from './disks.mjs';

/**
 * The faults that can happen to a command. Each fault is plain data, drawn with random numbers.
 *
 * @typedef {import('./site.mjs').Place} Place
 * @typedef {'SIGKILL' | 'SIGTERM' | 'SIGINT'} Ending
 *
 * @typedef {{ kind: 'signal', signal: Ending, afterMs: number }} SignalAtMoment after so
 *   many milliseconds
 * @typedef {{ kind: 'signal-at-call', signal: Ending, call: number }} SignalAtCall before the n-th call that
 *   changes something in the file system; SIGKILL after half of a write
 * @typedef {{ kind: 'signal-at-file', signal: Ending, file: string }} SignalAtFile as soon as a
 *   file exists
 * @typedef {{ kind: 'disk-full', place: Place, bytes: number }} DiskFull this many bytes are free
 * @typedef {{ kind: 'file-limit', bytes: number }} FileLimit no file may become larger: EFBIG
 * @typedef {{ kind: 'failing-call', call: number, lasting: boolean }} FailingCall EIO of the n-th call
 *   that writes, names or flushes, or of all calls from that one on
 * @typedef {{ kind: 'short-write', call: number }} ShortWrite the n-th write writes half of its data
 * @typedef {{ kind: 'read-only', place: Place }} ReadOnly
 * @typedef {{ kind: 'folder-removed', folder: string, call: number }} FolderRemoved before the n-th call
 * @typedef {{ kind: 'three-at-once', killedAtCall: number | null }} ThreeAtOnce three processes start
 *   together, after one that was killed at that call or, for null, without an earlier one
 * @typedef {{ kind: 'connection-cut', atByte: number, times: number }} ConnectionCut
 *
 * @typedef {SignalAtMoment | SignalAtCall | SignalAtFile | DiskFull | FileLimit | FailingCall | ShortWrite
 *   | ReadOnly | FolderRemoved | ThreeAtOnce | ConnectionCut} Fault
 *
 * The measurements of an undisturbed run of a scenario.
 *
 * @typedef {object} Measures
 * @property {number} ms
 * @property {{ all: number, writes: number, partial: number }} calls
 * @property {Readonly<Record<Place, number>>} growth the most bytes that each place took, roughly
 * @property {readonly string[]} files that the run created
 * @property {number} largest bytes of the largest of them
 */

/**
 * How often each kind is drawn, as relative shares. The share of a kind that cannot happen goes to the
 * others.
 */
const SHARES = {
  'signal-at-call': 10,
  signal: 6,
  'signal-at-file': 4,
  'failing-call': 5,
  'disk-full': 5,
  'folder-removed': 3,
  'three-at-once': 3,
  'short-write': 2,
  'read-only': 2,
  'file-limit': 2,
  'connection-cut': 5,
};

/** @typedef {keyof typeof SHARES} Kind */

/** Until the command listens for a signal, the signal itself ends the process. */
const TERMINATED = /** @type {const} */ (['SIGTERM', 143]);
const INTERRUPTED = /** @type {const} */ (['SIGINT', 130]);

/** The number of attempts after which the command gives up a download. */
const ATTEMPTS = 4;

/**
 * Lists the kinds of faults that can happen in a scenario, and the reasons why others cannot.
 *
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {Measures} measures
 * @returns {{ kinds: Kind[], skipped: Partial<Record<Kind, string>> }}
 */
export function listKinds({ removable = [], shared = false, downloads = false }, measures) {
  /** @type {Partial<Record<Kind, string>>} */
  const skipped = {};
  if (!canMount) {
    skipped['disk-full'] = 'no disk can be mounted here; file-limit takes its place';
    // root may write whatever the modes of files say.
    if (process.getuid?.() === 0) skipped['read-only'] = 'no disk can be mounted here';
  }
  const cannot = new Set(Object.keys(skipped));
  if (listGrowing(measures).length === 0) cannot.add('disk-full');
  if (measures.calls.writes === 0) cannot.add('failing-call').add('folder-removed');
  if (measures.calls.all === 0) cannot.add('signal-at-call');
  if (measures.calls.partial === 0) cannot.add('short-write');
  if (measures.files.length === 0) cannot.add('signal-at-file').add('file-limit');
  if (removable.length === 0) cannot.add('folder-removed');
  if (!shared) cannot.add('three-at-once');
  if (!downloads) cannot.add('connection-cut');
  const kinds = /** @type {Kind[]} */ (Object.keys(SHARES)).filter((kind) => !cannot.has(kind));
  return { kinds, skipped };
}

/**
 * @param {import('./random.mjs').Random} random
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {Measures} measures
 * @returns {Fault}
 */
export function drawFault(random, scenario, measures) {
  const { kinds } = listKinds(scenario, measures);
  const kind = random.pick(kinds.flatMap((one) => Array.from({ length: SHARES[one] }, () => one)));
  const { ms, calls, files, largest, growth } = measures;
  /** @type {() => Ending} */
  const signal = () => random.pick(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT']);
  const call = (/** @type {keyof Measures['calls']} */ of) => 1 + random.below(calls[of]);
  switch (kind) {
    case 'signal':
      return { kind, signal: signal(), afterMs: random.below(Math.ceil(ms * 1.1)) };
    case 'signal-at-call':
      return { kind, signal: signal(), call: call('all') };
    case 'signal-at-file':
      return { kind, signal: signal(), file: random.pick(files) };
    case 'disk-full': {
      const place = random.pick(listGrowing(measures));
      return { kind, place, bytes: random.below(growth[place]) };
    }
    case 'file-limit':
      return { kind, bytes: 1 + random.below(largest) };
    case 'failing-call':
      return { kind, call: call('writes'), lasting: random.chance(0.3) };
    case 'short-write':
      return { kind, call: call('partial') };
    case 'read-only':
      return { kind, place: random.pick(/** @type {const} */ (['work', 'cache', 'tmp'])) };
    case 'folder-removed':
      return { kind, folder: random.pick(scenario.removable ?? []), call: call('writes') };
    case 'three-at-once':
      return { kind, killedAtCall: random.chance(0.5) ? call('all') : null };
    case 'connection-cut':
      return { kind, atByte: 1 + random.below(largest), times: random.pick([1, ATTEMPTS]) };
  }
}

/** @param {Measures} measures */
function listGrowing({ growth }) {
  return /** @type {Place[]} */ (Object.keys(growth)).filter((place) => growth[place] > 0);
}

/**
 * Lists the ways in which a command may end under a fault. A command that ends with 0 must have done its
 * work.
 *
 * @param {Fault} fault
 * @param {readonly (number | NodeJS.Signals)[]} more endings that the scenario allows
 * @returns {(number | NodeJS.Signals)[]}
 */
export function allowedEndings(fault, more) {
  switch (fault.kind) {
    case 'signal':
    case 'signal-at-call':
    case 'signal-at-file':
      if (fault.signal === 'SIGKILL') return ['SIGKILL', 0, ...more];
      return [0, ...more, ...(fault.signal === 'SIGTERM' ? TERMINATED : INTERRUPTED)];
    case 'disk-full':
    case 'file-limit':
    case 'failing-call':
    case 'read-only':
      return [0, 73, 74, ...more];
    case 'folder-removed':
      // The downloaded file is the input of the next step.
      return [0, 66, 73, 74, ...more];
    case 'three-at-once':
      return [0, 73];
    case 'connection-cut':
      return [0, 75];
    case 'short-write':
      return [0];
  }
}
