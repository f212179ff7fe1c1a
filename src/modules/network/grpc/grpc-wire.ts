const TIMEOUT_UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000001,
};

const MAX_TIMEOUT_DIGITS = 8;

/** Longest status text that is sent or kept, in characters. */
const MAX_DETAILS_LENGTH = 300;

/** A `grpc-timeout` header in ms, not rounded; undefined when it is malformed. */
export function parseGrpcTimeout(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  const unitMs = TIMEOUT_UNITS_MS[unit];
  return unitMs === undefined ? undefined : Number(digits) * unitMs;
}

/** A time span as a `grpc-timeout` header: milliseconds, or seconds where those need more than eight digits. */
export function formatGrpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  if (String(ms).length <= MAX_TIMEOUT_DIGITS) return `${ms}m`;
  const seconds = Math.min(Math.ceil(ms / 1_000), 10 ** MAX_TIMEOUT_DIGITS - 1);
  return `${seconds}S`;
}

/** A status text as a `grpc-message` header: UTF-8, with everything but printable ASCII percent-encoded. */
export function encodeGrpcMessage(details: string): string {
  const bytes = Buffer.from(details.slice(0, MAX_DETAILS_LENGTH), 'utf8');
  let text = '';
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    text += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** The text of a `grpc-message` header on one line, capped; what is no valid escape stays as it is. */
export function decodeGrpcMessage(header: string): string {
  const bytes = header.slice(0, 9 * MAX_DETAILS_LENGTH).replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return text.replace(/\s+/g, ' ').slice(0, MAX_DETAILS_LENGTH);
}

/** `/v1.SyncPeer/GetBlocks` in its two parts; undefined when there is no slash between them. */
export function splitPath(path: string): { service: string; method: string } | undefined {
  const name = path.startsWith('/') ? path.slice(1) : path;
  const slash = name.lastIndexOf('/');
  return slash < 0 ? undefined : { service: name.slice(0, slash), method: name.slice(slash + 1) };
}
