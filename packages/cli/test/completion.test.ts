import { methods } from '@gradcam/core';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, runCommand } from './run-command.ts';

const bash = ['/bin/bash', '/usr/bin/bash', '/opt/homebrew/bin/bash'].find((file) =>
  existsSync(file),
);
if (bash === undefined) console.warn('skipped: no bash on this machine');

async function readScript(shell: string): Promise<string> {
  const { code, stdout, stderr } = await runCommand(['completion', shell]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** What bash offers for the last of the words, by its own machinery. */
function offersOf(script: string, words: readonly string[], cwd: string): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const program = `${script}
    COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    function_name=$(complete -p gradcam | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
    $function_name
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: process.env['PATH'], HOME: cwd, GRADCAM_MODELS: path.join(cwd, 'nets') };
  const printed = execFileSync(bash!, ['--norc', '-c', program], { encoding: 'utf8', cwd, env });
  return printed.split('\n').filter((offer) => offer !== '');
}

describe.skipIf(bash === undefined)('in bash', () => {
  test('commands, flags, values and models', async () => {
    const script = await readScript('bash');
    const cwd = makeTemporaryFolder();
    mkdirSync(path.join(cwd, 'nets/own-net'), { recursive: true });
    writeFileSync(path.join(cwd, 'nets/own-net/model.json'), '{}');
    writeFileSync(path.join(cwd, 'photo.jpg'), '');
    const offers = (...words: string[]): string[] => offersOf(script, ['gradcam', ...words], cwd);

    expect(offers('')).toEqual(
      expect.arrayContaining([
        'explain',
        'models',
        'fetch',
        'convert',
        'inspect',
        'view',
        'doctor',
      ]),
    );
    expect(offers('insp')).toEqual(['inspect']);
    expect(offers('explain', '--over')).toEqual(['--overlay']);
    expect(offers('explain', '--overlay', '')).toEqual(['blend', 'alpha', 'contour']);
    expect(offers('explain', '--colormap', '=', 'v')).toEqual(['viridis']);
    expect(offers('explain', '--method', '')).toEqual(methods.map(({ name }) => name));
    expect(offers('explain', '--method', 'cam,score')).toEqual(['cam,score-cam']);
    expect(offers('explain', '--gradients', 's')).toEqual(['signed']);
    // The metrics of docs/evidence.md.
    expect(offers('evaluate', '--metric', '')).toEqual(
      expect.arrayContaining([
        ...['deletion', 'insertion', 'drop', 'road', 'infidelity', 'sparseness', 'sensitivity'],
        ...['contrast', 'randomisation', 'pointing', 'localisation'],
      ]),
    );
    expect(offers('evaluate', '--metric', 'road,inf')).toEqual(['road,infidelity']);
    expect(offers('evaluate', '--score', 'l')).toEqual(['logit']);
    expect(offers('evaluate', '--replace', '')).toEqual(['zero', 'mean', 'blur']);
    expect(offers('explain', '--model', 'own')).toEqual(['own-net']);
    expect(offers('bench', '--model', 'demo-v')).toEqual(['demo-vgg', 'demo-vqa']);
    expect(offers('explain', 'pho')).toEqual(['photo.jpg']);
    expect(offers('explain', 'photo.jpg', '--out', 'ne')).toEqual(['nets']);
    expect(offers('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(offers('doctor', '--j')).toEqual(['--json']);
  });
});

test('zsh gets the script of bash, after what lets it run that', async () => {
  const [first, ...rest] = (await readScript('zsh')).split('\n');
  expect(first).toBe('autoload -U +X bashcompinit && bashcompinit');
  expect(rest.join('\n')).toBe(await readScript('bash'));
});

test('fish is told every command and flag', async () => {
  const script = await readScript('fish');
  expect(script).toContain('-n __fish_use_subcommand -a explain');
  expect(script).toMatch(/__fish_seen_subcommand_from explain' -l colormap -r -f -a 'turbo jet/);
  expect(script).toMatch(/__fish_seen_subcommand_from doctor' -l json -d /);
});

test('another shell is refused', async () => {
  const { code, stdout, stderr } = await runCommand(['completion', 'tcsh']);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toContain("completion takes bash, zsh, fish; got 'tcsh'");
});
