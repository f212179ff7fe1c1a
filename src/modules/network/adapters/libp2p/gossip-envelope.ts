/** Fields of one RPC, nested ones included. A Go peer sends at most 5,000 IDs of a topic at a time. */
const MAX_FIELDS = 16_384;
/** Subscriptions and control messages of one RPC; each is about a topic, of which a Go peer has less than ten. */
const MAX_ENTRIES = 512;
/** Longest message ID, bytes. Go peers have `from‖seqno`, 47 bytes; the library keeps IDs it waits for. */
const MAX_ID_BYTES = 128;
/** Fields that a message has room for: six, a few of them twice. */
const MAX_MESSAGE_FIELDS = 12;

/** Wire types and field numbers of protobuf. @see go-libp2p-pubsub pb/rpc.proto */
const BYTES = 2;
const RPC_MESSAGES = 2;
const RPC_CONTROL = 3;
const CONTROL_IHAVE = 1;
const CONTROL_IWANT = 2;
const CONTROL_IDONTWANT = 5;
const LAST_MESSAGE_FIELD = 6;

/** Why an RPC is refused: it is no protobuf, or has more in it than an honest neighbour sends. */
export class BadRpc extends Error {
  constructor(readonly fault: 'undecodable' | 'over-limit') {
    super(`rpc is ${fault}`);
  }
}

/** An RPC taken apart; nothing of it is decoded or copied yet. */
export interface GossipEnvelope {
  /** Each message's bytes. */
  readonly messages: readonly Uint8Array[];
  /** Subscriptions and control messages, an RPC without messages. */
  readonly rest: Uint8Array;
  /** How many fields `rest` has. */
  readonly work: number;
}

/**
 * Finds the parts of an RPC and counts what is in them, so that a hostile one is refused before it costs more than
 * reading it once: the library's limits are per list, and lists of lists add up to hundreds of thousands of entries.
 *
 * @throws {BadRpc}
 */
export function openEnvelope(rpc: Uint8Array): GossipEnvelope {
  const messages: Uint8Array[] = [];
  const others: Uint8Array[] = [];
  const counter = new Counter(MAX_FIELDS);
  const entries = new Counter(MAX_ENTRIES);
  for (const { start, number, type, from, to } of fieldsOf(rpc, 0, rpc.length, counter)) {
    if (number === RPC_MESSAGES && type === BYTES) messages.push(rpc.subarray(from, to));
    else {
      entries.add();
      others.push(rpc.subarray(start, to));
      if (type === BYTES) countNested(rpc, number, from, to, { counter, entries });
    }
  }
  const rest = messages.length === 0 ? rpc : Buffer.concat(others);
  return { messages, rest, work: counter.fields - messages.length };
}

/**
 * Whether the message has fields that we do not know. Go peers relay those with the message, and its signature covers
 * them, which the library's check would not see: nobody is to blame for such a message, and nobody can verify it here.
 */
export function hasUnknownFields(message: Uint8Array): boolean {
  const counter = new Counter(MAX_MESSAGE_FIELDS);
  try {
    for (const { number, type } of fieldsOf(message, 0, message.length, counter)) {
      if (number > LAST_MESSAGE_FIELD || type !== BYTES) return true;
    }
    return false;
  } catch {
    // Too many fields, or groups, which the scan does not read.
    return true;
  }
}

class Counter {
  fields = 0;
  constructor(private readonly max: number) {}

  add(): void {
    this.fields += 1;
    if (this.fields > this.max) throw new BadRpc('over-limit');
  }
}

/** Counts the fields of a subscription, or of control messages and what is in them. */
function countNested(
  rpc: Uint8Array,
  number: number,
  from: number,
  to: number,
  { counter, entries }: { counter: Counter; entries: Counter },
): void {
  for (const field of fieldsOf(rpc, from, to, counter)) {
    if (number !== RPC_CONTROL || field.type !== BYTES) continue;
    entries.add();
    const idField = ID_FIELDS.get(field.number);
    for (const entry of fieldsOf(rpc, field.from, field.to, counter)) {
      const isId = entry.number === idField && entry.type === BYTES;
      if (isId && entry.to - entry.from > MAX_ID_BYTES) throw new BadRpc('over-limit');
    }
  }
}

/** Where the IDs are, by the field number of the control message. */
const ID_FIELDS = new Map([
  [CONTROL_IHAVE, 2],
  [CONTROL_IWANT, 1],
  [CONTROL_IDONTWANT, 1],
]);

interface Field {
  /** Where its tag begins. */
  start: number;
  number: number;
  type: number;
  /** Its content. */
  from: number;
  to: number;
}

/** One object for all fields of a level: read it before going on. Groups are refused. */
function* fieldsOf(bytes: Uint8Array, from: number, end: number, counter: Counter): Generator<Field> {
  const field: Field = { start: from, number: 0, type: 0, from, to: from };
  while (field.to < end) {
    counter.add();
    field.start = field.to;
    const [tag, afterTag] = varint(bytes, field.to, end);
    field.number = tag >>> 3;
    field.type = tag & 7;
    field.from = afterTag;
    if (field.number === 0) throw new BadRpc('undecodable');
    if (field.type === 0) [, field.to] = varint(bytes, afterTag, end);
    else if (field.type === 1) field.to = afterTag + 8;
    else if (field.type === 5) field.to = afterTag + 4;
    else if (field.type === BYTES) {
      const [length, content] = varint(bytes, afterTag, end);
      field.from = content;
      field.to = content + length;
    } else throw new BadRpc('undecodable');
    if (field.to > end) throw new BadRpc('undecodable');
    yield field;
  }
}

/** The value, exact up to 2^53, and where it ends. */
function varint(bytes: Uint8Array, at: number, end: number): [value: number, after: number] {
  let value = 0;
  for (let index = 0; index < 10 && at + index < end; index += 1) {
    const byte = bytes[at + index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return [value, at + index + 1];
  }
  throw new BadRpc('undecodable');
}
