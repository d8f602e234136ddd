import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readCommandLines, root, typeLine } from './walk-page.ts';

const PAGE = 'docs/service.md';
const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** Programs are put inside of the repository, so that their imports resolve as a user's would. */
function writeProgram(): string {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(path.join(root, PAGE), 'utf8'))!;
  expect(code!.trim().split('\n').length).toBeLessThanOrEqual(11);
  const program = path.join(mkdtempSync(path.join(root, 'tools/test/.readme-')), 'client.mjs');
  writeFileSync(program, code!);
  return program;
}

test(
  'the client and the lines of curl of the page do what it says',
  { timeout: 240_000 },
  async () => {
    if (!hasCurl) console.warn('skipped: curl is not on this machine');
    const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-page-'));
    const program = writeProgram();
    cpSync(path.join(root, 'demo/scenes'), path.join(folder, 'demo/scenes'), { recursive: true });
    const lines = readCommandLines(PAGE);
    typeLine(
      lines.find((line) => line.includes('gradcam fetch'))!,
      folder,
    );
    const serve = lines.find((line) => line.includes('gradcam serve'))!;
    // The page's port may be taken here.
    const words = [...serve.split(/\s+/).slice(2), '--port', '0'];
    const service = spawn(process.execPath, [command, ...words], { cwd: folder });
    try {
      const [address] = (await once(createInterface({ input: service.stdout }), 'line')) as [
        string,
      ];
      const { host } = new URL(address);
      const env = { ...process.env, SERVICE: address };
      const client = spawnSync(process.execPath, [program], { cwd: folder, env, encoding: 'utf8' });
      // The cat is in the left half of the scene of 256 x 256 pixels.
      const [, x] = /^cat at (\d+), \d+/.exec(client.stdout) ?? [];
      expect(Number(x), client.stderr).toBeLessThan(128);
      if (!hasCurl) return;
      const curls = lines.filter((line) => line.startsWith('curl') && line.includes('127.0.0.1'));
      expect(curls).toHaveLength(4);
      const said = curls.map((line) => {
        const typed = line.replaceAll('127.0.0.1:8080', host).replace('curl', 'curl -sS --fail');
        const { status, stdout, stderr } = spawnSync('sh', ['-c', typed], {
          cwd: folder,
          encoding: 'utf8',
        });
        expect(status, `${typed}\n${stderr}`).toBe(0);
        return stdout;
      });
      expect(said[0]).toContain('"id":"demo-resnet"');
      expect(said[1]).toContain('"label":"cat"');
      expect(said[2]).toMatch(/"label":"cat".*"raw":".*"label":"dog".*"raw":"/s);
      const picture = await sharp(path.join(folder, 'overlay.png')).metadata();
      expect([picture.format, picture.width]).toEqual(['png', 256]);
    } finally {
      service.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      rmSync(path.dirname(program), { recursive: true, force: true });
    }
  },
);
