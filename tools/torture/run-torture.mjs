// @ts-check
/**
 * Runs the real command under faults and checks the files that it leaves: node tools/torture/run-torture.mjs
 * --kills 200 --seed 1 [--from 37] [--scenario convert] [--each-call] [--keep]. docs/verification.md states
 * what must hold.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compareBytes, readTree } from './checks/tree.mjs';
import { endCommands } from './command.mjs';
import { unmountAll } from './disks.mjs';
import { serveFile } from './file-server.mjs';
import { runWithPrivateMounts } from './private-mounts.mjs';
import { createProgress } from './progress.mjs';
import { scenarios } from './scenarios/list.mjs';
import { makeStock } from './stock.mjs';
import { createTally } from './tally.mjs';
import { faultOf, learn, strike } from './torture.mjs';

const USAGE = `usage: node tools/torture/run-torture.mjs [--kills 200] [--seed 1] [--from 1]
  [--scenario <name>] [--each-call] [--keep]
scenarios: ${scenarios.map(({ name }) => name).join(', ')}
`;

const given = readFlags();
const code = await runWithPrivateMounts();
process.exit(code ?? (await torture(given)));

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: 'string', default: '200' },
        seed: { type: 'string', default: '1' },
        from: { type: 'string', default: '1' },
        scenario: { type: 'string', multiple: true, default: [] },
        'each-call': { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
      },
    });
    const [kills, seed, from] = [values.kills, values.seed, values.from].map(Number);
    const names = scenarios.map(({ name }) => name);
    const unknown = values.scenario.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`there is no scenario '${unknown}'`);
    if (![kills, seed, from].every((value) => Number.isSafeInteger(value) && value >= 0)) {
      throw new Error('--kills, --seed and --from take whole numbers');
    }
    return { ...values, kills, seed, from: Math.max(1, from) };
  } catch (error) {
    process.stderr.write(`${/** @type {Error} */ (error).message}\n${USAGE}`);
    process.exit(64);
  }
}

/**
 * @param {ReturnType<typeof readFlags>} flags
 * @returns {Promise<number>} the exit code: 0 if there are no findings
 */
async function torture({ kills, seed, from, scenario: names, 'each-call': eachCall, keep }) {
  const started = Date.now();
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-torture-'));
  const clean = () => {
    endCommands();
    unmountAll();
    if (!keep) rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', clean);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
  }
  const progress = createProgress();
  progress.step('making what the scenarios start from');
  const stock = await makeStock(path.join(folder, 'stock'));
  const stocked = readTree(path.join(folder, 'stock'));
  const server = await serveFile(stock.weights, 'demo-resnet.tar.gz');
  const bench = { folder, stock, server };
  const tally = createTally();
  /** @param {import('./tally.mjs').Finding} one */
  const record = (one) => {
    tally.add(one);
    if (one.problems.length === 0) return;
    const { number, scenario, fault, problems } = one;
    progress.tell(`${number} ${scenario} ${JSON.stringify(fault)}\n  ${problems.join('\n  ')}`);
  };
  const all = [];
  for (const scenario of scenarios.filter(
    ({ name }) => names.length === 0 || names.includes(name),
  )) {
    progress.step(`${scenario.name}, undisturbed`);
    const one = await learn(scenario, bench);
    all.push(one);
    record({ number: 0, scenario: scenario.name, fault: null, problems: one.problems });
  }
  const skipped = Object.assign({}, ...all.map((one) => one.skipped));
  for (const [kind, why] of Object.entries(skipped)) progress.tell(`skipped: ${kind}: ${why}`);
  const planned = eachCall ? listCalls(all) : listDrawn(all, seed, kills);
  for (const [i, { undisturbed, fault }] of planned.entries()) {
    const number = i + 1;
    if (number < from) continue;
    const { name } = undisturbed.scenario;
    const so = `${tally.found.length} with problems`;
    progress.step(`${number} of ${planned.length}, ${so}: ${name}, ${fault.kind}`);
    const keptIn = keep ? path.join(folder, 'kept', String(number)) : null;
    const problems = await strike(undisturbed, fault, bench, { keptIn });
    record({ number, scenario: name, fault, problems });
  }
  server.close();
  progress.end();
  const touched = compareBytes(readTree(path.join(folder, 'stock')), stocked);
  record({ number: 0, scenario: 'all', fault: null, problems: touched });
  const summary = {
    ...{ seed, ...tally.counts(), skipped, resumedDownloads: server.resumed() },
    ...{ seconds: Math.round((Date.now() - started) / 1000), found: tally.found },
    ...(keep ? { kept: folder } : {}),
  };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  return tally.found.length === 0 ? 0 : 1;
}

/**
 * Lists the faults that the seed determines.
 *
 * @param {readonly import('./torture.mjs').Undisturbed[]} all
 * @param {number} seed
 * @param {number} kills
 */
function listDrawn(all, seed, kills) {
  return Array.from({ length: kills }, (_, i) => faultOf(all, seed, i + 1));
}

/**
 * Lists a kill at each call of each scenario.
 *
 * @param {readonly import('./torture.mjs').Undisturbed[]} all
 */
function listCalls(all) {
  return all.flatMap((undisturbed) =>
    Array.from({ length: undisturbed.measures.calls.all }, (_, i) => ({
      undisturbed,
      fault: /** @type {const} */ ({ kind: 'signal-at-call', signal: 'SIGKILL', call: i + 1 }),
    })),
  );
}
