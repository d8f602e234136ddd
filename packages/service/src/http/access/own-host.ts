import type { IncomingHttpHeaders } from 'node:http';

/** Whether an address is of this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/i.test(host);
}

/**
 * The reason why a request to a service on a loopback address is refused; null if it is accepted.
 *
 * Any web page can make a browser send requests to this machine. `Host` shows a foreign name that somebody's
 * DNS resolves to this machine, and `Origin` shows a script of another page.
 */
export function refuseForeign(
  { host, origin }: Pick<IncomingHttpHeaders, 'host' | 'origin'>,
  port: number,
): string | null {
  const hosts = ownHosts(port);
  if (host === undefined || !hosts.includes(host.toLowerCase())) {
    return `this service answers to ${hosts[0]} only; another host needs --host and a token`;
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
