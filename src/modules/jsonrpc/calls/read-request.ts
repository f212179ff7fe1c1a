import { JsonRpcError } from '../jsonrpc.errors.js';

/** What a client may choose to know its reply by. */
export type RequestId = string | number | null;

/** A call whose form is right, or why it is not; the id is given back either way. */
export interface ReadCall {
  readonly id: RequestId;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly fault: JsonRpcError | undefined;
}

export type ReadRequest =
  | { readonly kind: 'single'; readonly call: ReadCall }
  | { readonly kind: 'batch'; readonly calls: readonly ReadCall[] };

/** No method takes more than objects in a list of parameters; a batch adds two levels. */
const MAX_DEPTH = 32;
/** More are not read, as in the Go client, and so need not be kept. */
const MAX_PARAMS = 4;

/**
 * One call or a batch. The version is not looked at, as in the Go client.
 * @throws {JsonRpcError} JSONRPC.NOT_JSON | JSONRPC.BATCH_TOO_LONG
 * @see polygon-edge@597a0f3 jsonrpc/dispatcher.go Handle
 */
export function readRequest(text: string, batchLimit: number): ReadRequest {
  const value = parse(text);
  if (!Array.isArray(value)) return { kind: 'single', call: readCall(value) };
  if (value.length > batchLimit)
    throw new JsonRpcError({ code: 'JSONRPC.BATCH_TOO_LONG', limit: batchLimit });
  return { kind: 'batch', calls: value.map(readCall) };
}

function parse(text: string): unknown {
  if (!isShallow(text)) throw new JsonRpcError({ code: 'JSONRPC.NOT_JSON' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new JsonRpcError({ code: 'JSONRPC.NOT_JSON' }, cause);
  }
  if (typeof value !== 'object' || value === null) throw new JsonRpcError({ code: 'JSONRPC.NOT_JSON' });
  return value;
}

/** Before it is parsed: what is made of it takes many times its memory. */
function isShallow(text: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (isInText) {
      if (character === 0x5c) at++;
      else if (character === 0x22) isInText = false;
      continue;
    }
    if (character === 0x22) isInText = true;
    else if (character === 0x5b || character === 0x7b) depth++;
    else if (character === 0x5d || character === 0x7d) depth--;
    if (depth > MAX_DEPTH) return false;
  }
  return true;
}

function readCall(value: unknown): ReadCall {
  const { id: givenId, method, params } = fieldsOf(value);
  const id = isId(givenId) ? givenId : null;
  const refuse = (fault: JsonRpcError): ReadCall => ({ id, method: '', params: [], fault });
  if (givenId !== undefined && !isId(givenId)) {
    return refuse(new JsonRpcError({ code: 'JSONRPC.INVALID_REQUEST', reason: 'id is no text or number' }));
  }
  if (typeof method !== 'string' || method === '') {
    return refuse(new JsonRpcError({ code: 'JSONRPC.INVALID_REQUEST', reason: 'method is missing' }));
  }
  if (params === undefined || params === null) return { id, method, params: [], fault: undefined };
  if (Array.isArray(params)) return { id, method, params: params.slice(0, MAX_PARAMS), fault: undefined };
  const detail = { code: 'JSONRPC.INVALID_PARAMS', param: 'params', reason: 'must be a list' } as const;
  return { id, method, params: [], fault: new JsonRpcError(detail) };
}

function fieldsOf(value: unknown): { id?: unknown; method?: unknown; params?: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

const isId = (value: unknown): value is RequestId =>
  value === null || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
