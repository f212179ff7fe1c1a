import type { IncomingMessage } from 'node:http';

/** Of one connection alone, and so no part of the request. @see RFC 9110, section 7.6.1 */
const OF_THE_OFFER = ['connection', 'upgrade', 'http2-settings'];

/** Whether a request asks for what is here to change to. */
export const isForWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

/**
 * The head of a request as it is without its offer to change to another protocol, to be read once more. Whoever makes one,
 * such as of HTTP/2, goes on without when it is passed over. The connection ends with the reply.
 */
export function withoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`, 'connection: close'];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!OF_THE_OFFER.includes(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
