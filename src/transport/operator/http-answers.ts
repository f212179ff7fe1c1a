import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { JsonWriteOptions } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';
import type { UniversalServerResponse } from '@connectrpc/connect/protocol';
import { errorToJson } from '@connectrpc/connect/protocol-connect';

export const JSON_OPTIONS: Partial<JsonWriteOptions> = { alwaysEmitImplicit: true };

/** What is answered before a call is one. */
export interface Refusal {
  readonly status: number;
  readonly error: ConnectError;
  readonly headers?: Readonly<Record<string, string>>;
}

/** In the form of a Connect error, which clients of it understand and people can read. */
export function refuse(response: ServerResponse, { status, error, headers }: Refusal): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' });
  response.end(`${JSON.stringify(errorToJson(error, JSON_OPTIONS))}\n`);
}

/** Sends the head of an answer before there is anything of its body. */
export function sendHead(response: ServerResponse, headers: Headers): void {
  response.writeHead(200, Object.fromEntries(headers)).flushHeaders();
}

/** Sends an answer, as fast as it is read; its head only if that is not gone yet. */
export async function send(response: ServerResponse, answer: UniversalServerResponse): Promise<void> {
  if (!response.headersSent) {
    response.writeHead(answer.status, Object.fromEntries(answer.header ?? new Headers()));
  }
  await pipeline(answer.body ?? [], response);
}
