import { createBudget, joinRequests } from '@gradcam/runs';
import { GradcamError } from '@gradcam/core';
import type { AddressInfo } from 'node:net';
import { isLoopback } from '../access/own-host.ts';
import { createRequestQueue } from '../access/request-queue.ts';
import { createBodyCollector } from '../explain/collect-body.ts';
import { defaultLimits, MAX_CONNECTIONS } from '../limits.ts';
import { createMetrics } from '../metrics.ts';
import { createModelPool } from '../models/model-pool.ts';
import type { OpenedModel } from '../models/model-source.ts';
import type { ServedModel, ServiceContext } from './context.ts';
import { createApp } from './create-app.ts';
import type { Server } from './server-type.ts';
import type { ServiceOptions } from './service-options.ts';

/** A running service. */
export interface Service {
  /** Its address, such as `http://127.0.0.1:8080/`. */
  readonly url: string;
  /**
   * Ends the service in order: accepted requests are answered, new ones get 503, then the models are freed
   * and the port is closed.
   */
  drain(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/**
 * Starts the HTTP service.
 *
 * @throws GradcamError `argument` for a host that others can reach without a token, and for a port that is in
 *   use.
 *
 * @example
 * const service = await startService({ models, software: 'mine 1.0', version: '1.0', note: console.error });
 * console.log(service.url);
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { host = LOOPBACK, port = 0, token, models, note } = options;
  const isLocal = isLoopback(host);
  if (!isLocal && token === undefined) {
    throw new GradcamError(
      'argument',
      `host ${host} can be reached from other machines, which needs a token: give --token-file or $GRADCAM_TOKEN`,
    );
  }
  const limits = { ...defaultLimits, ...options.limits };
  let isDraining = false;
  let open = 0;
  const queue = createRequestQueue(limits.queueSize);
  const metrics = createMetrics({ waiting: queue.length, modelsOpen: () => open });
  const tell = (what: string, { id }: OpenedModel): void => {
    const megabytes = Math.round(process.memoryUsage.rss() / 2 ** 20);
    note(
      `${what} ${id}; ${open} of at most ${limits.keepModels} models open, ${megabytes} MB in use`,
    );
  };
  const pool = createModelPool<ServedModel>(models, limits.keepModels, {
    wrap: (opened) => ({
      opened,
      explainer: joinRequests(opened.explainer, {
        most: limits.batch,
        wait: limits.batchWindowMs,
        onRun({ ms, queuedMs }) {
          metrics.batch(queuedMs.length);
          for (const queued of queuedMs) {
            metrics.stage('queue', queued / 1000);
            metrics.stage('engine', ms / queuedMs.length / 1000);
          }
        },
      }),
    }),
    onOpen(model) {
      open += 1;
      tell('opened', model);
    },
    onClose(model) {
      open -= 1;
      tell('closed', model);
    },
  });
  const context: ServiceContext = {
    ...{ models, pool, limits, queue, metrics, note, software: options.software },
    bodies: createBodyCollector(limits.bodyBytes),
    pixels: createBudget(limits.pixels),
    isDraining: () => isDraining,
  };
  const accepted = countAccepted();
  const app = await createApp(context, {
    ...{ version: options.version, token, isLocal },
    onAccept: accepted.add,
  });
  await listen(app, host, port);
  let drained: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    isDraining = true;
    await accepted.none();
    await app.close();
    await pool.close();
  };
  return { url: urlOf(app, host), drain: () => (drained ??= drain()) };
}

/** Counts requests that are accepted and not yet answered. */
function countAccepted(): { add: () => () => void; none: () => Promise<void> } {
  let count = 0;
  let onNone: (() => void) | null = null;
  return {
    add() {
      count += 1;
      return () => {
        count -= 1;
        if (count === 0) onNone?.();
      };
    },
    none: () =>
      new Promise((resolve) => {
        onNone = resolve;
        if (count === 0) resolve();
      }),
  };
}

async function listen(app: Server, host: string, port: number): Promise<void> {
  app.server.maxConnections = MAX_CONNECTIONS;
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') {
      const why = code === 'EACCES' ? 'may not be used' : 'is taken';
      throw new GradcamError('argument', `port ${port} ${why}: choose another with --port`, {
        cause,
      });
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new GradcamError(
        'argument',
        `host ${host} is not an address of this machine (${code})`,
        {
          cause,
        },
      );
    }
    throw cause;
  }
}

function urlOf(app: Server, host: string): string {
  const { port, family } = app.server.address() as AddressInfo;
  const name =
    family === 'IPv6' && !host.startsWith('[') && host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/`;
}
