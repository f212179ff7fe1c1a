/** The few bytes of protobuf and multiformats that the attacks write by hand, where a library would refuse to. */

/** An unsigned varint; a negative number is written as protobuf does, in ten bytes. */
function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

/** The number at that place and where it ends; undefined when bytes are missing. */
export function readVarint(bytes: Buffer, at = 0): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = at, unit = 1; i < bytes.length; i += 1, unit *= 128) {
    const byte = bytes[i] ?? 0;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return { value, end: i + 1 };
  }
  return undefined;
}

export function lengthPrefixed(bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(bytes.length), bytes]);
}

/** A protobuf field of bytes, a string or a message. */
export function bytesField(field: number, value: Uint8Array | string): Buffer {
  return Buffer.concat([varint(field * 8 + 2), lengthPrefixed(Buffer.from(value))]);
}

/** A protobuf field of a whole number. */
export function numberField(field: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

/** The 8 bytes of `/ip4/<host>/tcp/<port>`. */
export function tcpAddressBytes(host: string, port: number): Buffer {
  return Buffer.from([4, ...host.split('.').map(Number), 6, port >> 8, port & 0xff]);
}
