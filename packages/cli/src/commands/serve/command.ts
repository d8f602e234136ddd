import type { Command } from 'commander';
import type { Finish } from '../finish.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import { engineNames } from '../../models/open-engine.ts';
import type { ServeFlags } from './flags.ts';

/** The flags of `gradcam serve`; its work is loaded when it runs. */
export function addServe(program: Command, finish: Finish): void {
  const command = program
    .command('serve')
    .description('explain pictures for other programs, over HTTP; ends in order on SIGTERM');
  addSharedFlags(command, ['models'])
    .option(
      '--host <address>',
      'address to listen at; others than this machine need a token',
      '127.0.0.1',
    )
    .option('--port <number>', 'port to listen at; 0 takes any free port', '8080')
    .option(
      '--token-file <file>',
      'file with the bearer token that requests must have; default: $GRADCAM_TOKEN',
    )
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--threads <number>', 'CPU threads of the engine; default: all cores it may use')
    .option('--batch <number>', 'the most requests that are joined into one run of the engine', '8')
    .option(
      '--batch-window <ms>',
      'how long the first request of a run waits for others while the engine is free',
      '2',
    )
    .option('--queue-size <number>', 'requests that may wait; further ones get status 429', '64')
    .option('--keep-models <number>', 'models in memory at the same time', '2')
    .option('--max-body <MB>', 'largest body of a request', '16')
    .option(
      '--max-pixels <megapixels>',
      'largest picture, and the pixels that are decoded at the same time',
      '50',
    )
    .option('--timeout <seconds>', 'time from the end of a body to its answer', '60')
    .option('--quiet', 'print nothing but errors')
    .option('--debug', 'print what was chosen and why, and stack traces of errors')
    .addHelpText('after', serveExamples)
    .action(async (flags: ServeFlags) =>
      finish(await (await import('./action.ts')).runServe(flags)),
    );
}

const serveExamples = `
Addresses: POST /v1/explain, GET /v1/models, /v1/models/<id>, /v1/methods, /openapi.json, /metrics,
/healthz, /readyz. What they take is in docs/service.md.

Examples:
  gradcam serve --models models
  gradcam serve --models models --host 0.0.0.0 --token-file token.txt --queue-size 200
`;
