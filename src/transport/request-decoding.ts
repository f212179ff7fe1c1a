import {
  createRegistry,
  type DescMethod,
  fromBinary,
  fromJsonString,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import { BytesValueSchema } from '@bufbuild/protobuf/wkt';
import { errorText } from '../common/app-error.js';
import { printable } from '../common/printable.js';
import { SystemError } from '../modules/system/index.js';
import { checkRequest, rulesOf } from './request-rules.js';

/** Of gRPC, such as `/v1.System/GetStatus`. */
export function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}

/**
 * A request in the bytes of protobuf that keeps to its method's rules.
 * @throws {SystemError} SYSTEM.REQUEST_TOO_LARGE | SYSTEM.REQUEST_UNDECODABLE | SYSTEM.REQUEST_INVALID
 */
export function requestOfBytes(method: DescMethod, bytes: Uint8Array): Message {
  checkSize(method, bytes.length);
  return checked(
    method,
    decoded(method, () => fromBinary(method.input, bytes)),
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
/** JSON has no Any without a type: this one holds a transaction. */
const registry = createRegistry(BytesValueSchema);

/**
 * The same of one in JSON, in UTF-8; what it would have as bytes counts. A misspelt name is refused: left out, it would
 * mean all, or for ever.
 * @throws {SystemError} as `requestOfBytes`
 */
export function requestOfJson(method: DescMethod, text: Uint8Array): Message {
  const request = decoded(method, () => fromJsonString(method.input, utf8.decode(text), { registry }));
  checkSize(method, toBinary(method.input, request).length);
  return checked(method, request);
}

/** What a handler gets in place of its request, for its interceptor to throw; any other error is thrown on. */
export function failureOf(error: unknown): SystemError {
  if (error instanceof SystemError) return error;
  throw error;
}

export function tooLarge(method: DescMethod): SystemError {
  const { maxRequestBytes } = rulesOf(method);
  return new SystemError({
    code: 'SYSTEM.REQUEST_TOO_LARGE',
    path: pathOf(method),
    maxBytes: maxRequestBytes,
  });
}

export function undecodable(method: DescMethod, reason: string, cause?: unknown): SystemError {
  return new SystemError({ code: 'SYSTEM.REQUEST_UNDECODABLE', path: pathOf(method), reason }, cause);
}

function checkSize(method: DescMethod, bytes: number): void {
  if (bytes > rulesOf(method).maxRequestBytes) throw tooLarge(method);
}

function decoded<T>(method: DescMethod, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw undecodable(method, printable(errorText(error)), error);
  }
}

function checked(method: DescMethod, request: Message): Message {
  checkRequest(method, request);
  return request;
}
