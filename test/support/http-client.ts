import { type IncomingHttpHeaders, request } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpCall {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What anyone may send over HTTP/1.1, Host and Origin as they like, on a connection of its own. */
export function httpCall(
  address: string,
  { method = 'POST', path = '/v1.System/GetStatus', headers = {}, body = '' }: HttpCall = {},
): Promise<HttpAnswer> {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, method, path, agent: false, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
