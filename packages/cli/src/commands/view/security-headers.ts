/**
 * The page may load only from its own server, run its own scripts and WebAssembly, start workers,
 * and show pictures that it made itself.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "img-src 'self' blob: data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Files of runs and models may come from somebody else. One that a browser opens by itself is shown
 * in an origin of its own, without scripts, and loads nothing; styles are what a browser lays
 * around a picture.
 */
const dataPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/** Sent with every answer. COOP and COEP isolate the page, as threads of WebAssembly need it. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** In place of those of the page where a file of a run or a model is sent. */
export const dataHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': dataPolicy,
  // Browsers refuse a sandboxed document that asks for a group of its own.
  'Cross-Origin-Opener-Policy': 'unsafe-none',
};

/** What a request says about who asks. */
interface Caller {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  /** `script` where a browser asks for a service worker, which would stay when the server is gone. */
  readonly 'service-worker'?: string | string[] | undefined;
}

/**
 * Why a request is refused, or null.
 *
 * Any web page can make a browser send requests to this machine; a name that somebody else's DNS
 * points here shows in `Host`, a script of another page in `Origin`.
 */
export function refuseCaller(
  { host, origin, 'service-worker': worker }: Caller,
  port: number,
): string | null {
  if (worker !== undefined) return 'this server has no service workers';
  const hosts = ownHosts(port);
  if (host === undefined || !hosts.includes(host.toLowerCase())) {
    return `this server answers to ${hosts[0]} only`;
  }
  if (origin !== undefined && !hosts.some((own) => origin.toLowerCase() === `http://${own}`)) {
    return 'requests from other pages are refused';
  }
  return null;
}

function ownHosts(port: number): string[] {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  const withPort = names.map((name) => `${name}:${port}`);
  // Clients leave out the port that HTTP has by itself.
  return port === 80 ? [...withPort, ...names] : withPort;
}
