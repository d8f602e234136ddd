// @ts-check
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { surround } from '../scenario.mjs';

/** @typedef {import('../scenario.mjs').Scenario} Scenario */

const RUN = 'runs/first';

/** @type {Scenario} */
export const makingSheet = {
  name: 'sheet',
  prepare({ site, stock }) {
    surround(path.join(site.work, RUN));
    cpSync(stock.run, path.join(site.work, RUN), { recursive: true });
  },
  // Overwrites the sheet that the run already has.
  command: () => ['sheet', RUN, '--tile', '96', '--quiet'],
  again: (around) => makingSheet.command(around),
  outputs: [`work/${RUN}/sheet.png`],
  checkAny: ({ site }) =>
    existsSync(path.join(site.work, RUN, 'sheet.png')) ? [] : ['the earlier sheet is gone'],
  checkDone: ({ site, undisturbed }) =>
    compareFile(site.work, undisturbed.work, `${RUN}/sheet.png`),
};

/**
 * @param {string} is
 * @param {string} was
 * @param {string} name
 */
function compareFile(is, was, name) {
  const [got, want] = [is, was].map((folder) => path.join(folder, name));
  if (!existsSync(got)) return [`lost: ${name}`];
  return readFileSync(got).equals(readFileSync(want))
    ? []
    : [`${name} is another than that of an undisturbed run`];
}

const REPORT = 'reports/first.html';

/** @type {Scenario} */
export const exportingReport = {
  name: 'view-export',
  prepare({ site, stock }) {
    surround(path.join(site.work, REPORT));
    cpSync(stock.run, path.join(site.work, RUN), { recursive: true });
  },
  command: () => ['view', RUN, '--export', REPORT],
  again: (around) => exportingReport.command(around),
  outputs: [`work/${REPORT}`],
  checkDone: ({ site, undisturbed }) => compareFile(site.work, undisturbed.work, REPORT),
};

/**
 * The number of pictures that are requested, beside the run, its lines and a map. Each is requested as it is
 * and made smaller.
 */
const PICTURES = 3;
/** The most milliseconds until the server prints its address. */
const START_MS = 60_000;

/** @type {Scenario} */
export const viewing = {
  name: 'view',
  prepare({ site, stock }) {
    surround(path.join(site.work, RUN));
    cpSync(stock.run, path.join(site.work, RUN), { recursive: true });
    cpSync(stock.photos, path.join(site.work, 'photos'), { recursive: true });
  },
  command: ({ stock }) => ['view', RUN, '--models', stock.models],
  again: (around) => viewing.command(around),
  outputs: ['cache/thumbnails'],
  // Without the run the server would have nothing to show, so only the cache may be removed.
  removable: ['cache/thumbnails', 'cache'],
  optional: /^cache\/thumbnails/,
  // The signal of a fault may come first. The scenario's own signal is then the second and ends the command
  // at once.
  codes: [143, 'SIGTERM'],
  plain: (name) => name.replaceAll(/[0-9a-f]{64}/g, '<digest>'),
  checkDone: () => [],
  drive,
};

/**
 * Sends the requests of a page, all at once, checks each answer that arrives completely, and then ends the
 * server.
 *
 * @param {import('../command.mjs').Running} running
 * @param {import('../scenario.mjs').Around} around
 * @returns {Promise<string[]>}
 */
async function drive({ child, done }, { site }) {
  const url = await readUrl(child);
  if (url === null) {
    child.kill('SIGTERM');
    return [];
  }
  const run = path.join(site.work, RUN);
  const text = readFileSync(path.join(run, 'results.jsonl'), 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const pictures = lines.slice(0, PICTURES).map((line) => line.explanations[0].files.overlay);
  const requests = [
    ask(url, 'served.json', () => true),
    ...['run.json', 'results.jsonl', lines[0].explanations[0].files.raw, ...pictures].map((name) =>
      ask(url, `run/${name}`, (bytes) => bytes.equals(readFileSync(path.join(run, name)))),
    ),
    ...pictures.map((name) => ask(url, `thumbnails/320/${name}`, isPicture)),
    ask(url, `run/originals/${lines[0].sha256}`, isPicture),
  ];
  const problems = (await Promise.all(requests)).flat();
  child.kill('SIGTERM');
  await done;
  return problems;
}

/** @param {import('node:child_process').ChildProcess} child */
function readUrl(child) {
  return new Promise((/** @type {(url: string | null) => void} */ resolve) => {
    let said = '';
    child.stdout?.on('data', (chunk) => {
      said += chunk;
      const url = /^(http:\S+\/)\n/m.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('close', () => resolve(null));
    setTimeout(() => resolve(null), START_MS).unref();
  });
}

/**
 * Requests a file. The fault may prevent the answer, but an answer that arrives must be correct.
 *
 * @param {string} url
 * @param {string} name
 * @param {(bytes: Buffer) => boolean | Promise<boolean>} isRight
 */
async function ask(url, name, isRight) {
  try {
    const response = await fetch(new URL(name, url));
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) return [`GET /${name}: HTTP ${response.status}`];
    return (await isRight(bytes)) ? [] : [`GET /${name}: a wrong body of ${bytes.length} bytes`];
  } catch {
    return [];
  }
}

/** @param {Buffer} bytes */
async function isPicture(bytes) {
  try {
    await sharp(bytes, { failOn: 'truncated' }).raw().toBuffer();
    return true;
  } catch {
    return false;
  }
}
