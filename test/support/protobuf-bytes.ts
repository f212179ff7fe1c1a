/** Bytes of protobuf messages that no encoder of ours makes: hostile ones, and those of libp2p's own protocols. */

/** A field of bytes, a text or a message. */
export function field(number: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of((number << 3) | 2), varint(value.length), value]);
}

export function enumField(number: number, value: number): Buffer {
  return Buffer.concat([Buffer.of(number << 3), varint(value)]);
}

/** A message as it stands in a stream: after a varint for its length. */
export function prefixed(message: Buffer): Buffer {
  return Buffer.concat([varint(message.length), message]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return Buffer.from([...bytes, left]);
}
