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
 * Files of runs and models may come from somebody else. If a browser opens such a file directly, it is shown
 * in a separate origin, runs no scripts and loads nothing. Inline styles are allowed, because browsers use
 * them to display a picture.
 */
const dataPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/** Headers of every answer. COOP and COEP isolate the page, which threads of WebAssembly require. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Headers for a file of a run or a model. They replace those of the page. */
export const dataHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': dataPolicy,
  // Browsers refuse a sandboxed document with a COOP header.
  'Cross-Origin-Opener-Policy': 'unsafe-none',
};

/** The headers of a request that tell where it comes from. */
interface Caller {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  /** `script` if a browser asks for a service worker, which would remain after the server has stopped. */
  readonly 'service-worker'?: string | string[] | undefined;
}

/**
 * The reason why a request is refused; null if the request is accepted.
 *
 * Any web page can make a browser send requests to this machine. `Host` shows a foreign name that somebody's
 * DNS resolves to this machine, and `Origin` shows a script of another page.
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
  // Clients leave out the default port of HTTP.
  return port === 80 ? [...withPort, ...names] : withPort;
}
