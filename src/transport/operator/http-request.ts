import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { DescMethod, Message } from '@bufbuild/protobuf';
import { compressedFlag, encodeEnvelope } from '@connectrpc/connect/protocol';
import * as connect from '@connectrpc/connect/protocol-connect';
import * as grpcWeb from '@connectrpc/connect/protocol-grpc-web';
import { SystemError } from '../../modules/system/index.js';
import {
  failureOf,
  pathOf,
  requestOfBytes,
  requestOfJson,
  tooLarge,
  undecodable,
} from '../request-decoding.js';
import { rulesOf } from '../request-rules.js';
import { isFarConnectTimeout, isFarGrpcTimeout } from './far-deadlines.js';

/** A request as text takes more room than as bytes; its rule is checked again once it is decoded. */
const TEXT_FACTOR = 2;
/** Flags, and the length of what follows. */
const ENVELOPE_HEAD_BYTES = 5;
const END_FLAGS = connect.endStreamFlag | grpcWeb.trailerFlag;

const ENCODINGS = [connect.headerUnaryEncoding, connect.headerStreamEncoding, grpcWeb.headerEncoding].map(
  (name) => name.toLowerCase(),
);

/** How a request is written. */
export interface RequestForm {
  readonly isEnveloped: boolean;
  readonly isBinary: boolean;
}

/** By its content type; undefined for one in which the method is not served. */
export function formOf(method: DescMethod, contentType: string | undefined): RequestForm | undefined {
  const web = grpcWeb.parseContentType(contentType ?? null);
  if (web !== undefined) return web.text ? undefined : { isEnveloped: true, isBinary: web.binary };
  const type = connect.parseContentType(contentType ?? null);
  if (type === undefined || type.stream !== isStream(method)) return undefined;
  return { isEnveloped: type.stream, isBinary: type.binary };
}

/** The content types in which a method is served. */
export function typesOf(method: DescMethod): readonly string[] {
  const own = isStream(method)
    ? [connect.contentTypeStreamJson, connect.contentTypeStreamProto]
    : [connect.contentTypeUnaryJson, connect.contentTypeUnaryProto];
  return [...own, grpcWeb.contentTypeProto, grpcWeb.contentTypeJson];
}

/** Whether the request is compressed in the words of any protocol: what it would become is not known before. */
export function isCompressed(headers: IncomingHttpHeaders): boolean {
  return ENCODINGS.some((name) => (headers[name] ?? 'identity') !== 'identity');
}

/** Takes away what no longer holds for the message that stands for the body, and deadlines that are none. */
export function dropSettledHeaders(headers: Headers): void {
  for (const name of [connect.headerUnaryContentLength, ...ENCODINGS]) headers.delete(name);
  if (isFarConnectTimeout(headers.get(connect.headerTimeout) ?? '')) headers.delete(connect.headerTimeout);
  if (isFarGrpcTimeout(headers.get(grpcWeb.headerTimeout) ?? '')) headers.delete(grpcWeb.headerTimeout);
}

/**
 * The request of a call, or why it is none, for the handler's interceptor to throw. No more of a body is read than the
 * method's limit lets through. Rejects when the client goes away within it.
 */
export function readRequest(
  request: IncomingMessage,
  method: DescMethod,
  { isEnveloped, isBinary }: RequestForm,
): Promise<Message | SystemError> {
  const decode = isBinary ? requestOfBytes : requestOfJson;
  const maxBytes = rulesOf(method).maxRequestBytes * TEXT_FACTOR + (isEnveloped ? ENVELOPE_HEAD_BYTES : 0);
  return readBody(request, method, maxBytes)
    .then((body) => decode(method, isEnveloped ? onlyMessage(method, body) : body))
    .catch(failureOf);
}

/** A message without fields in the form of the request. */
export function emptyMessage({ isEnveloped, isBinary }: RequestForm): Uint8Array {
  const message = Buffer.from(isBinary ? '' : '{}');
  return isEnveloped ? encodeEnvelope(0, message) : message;
}

async function readBody(request: IncomingMessage, method: DescMethod, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(method);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(method);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function onlyMessage(method: DescMethod, body: Buffer): Buffer {
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const start = at + ENVELOPE_HEAD_BYTES;
    const end = start <= body.length ? start + body.readUInt32BE(at + 1) : start;
    if (end > body.length) throw undecodable(method, 'an envelope is cut short');
    const flags = body.readUInt8(at);
    if ((flags & compressedFlag) !== 0) {
      throw new SystemError({ code: 'SYSTEM.COMPRESSED', path: pathOf(method) });
    }
    if ((flags & END_FLAGS) === 0) messages.push(body.subarray(start, end));
    at = end;
  }
  const [message] = messages;
  if (message === undefined || messages.length > 1) {
    throw undecodable(method, `there must be one message, and there are ${messages.length}`);
  }
  return message;
}

function isStream({ methodKind }: DescMethod): boolean {
  return methodKind !== 'unary';
}
