import { Duplex } from 'node:stream';
import { answerProposals, Inbox, proposal, readAgreement } from './inbox.js';

export const Frame = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const;
export const Flag = { none: 0, syn: 1, ack: 2, fin: 4, rst: 8 } as const;
export const WINDOW_BYTES = 256 * 1_024;
const HEADER_BYTES = 12;
const MAX_CHUNK_BYTES = 60_000;

/** A frame of Yamux; for data the length is that of the body. */
export function yamuxFrame(
  type: number,
  flags: number,
  stream: number,
  lengthOrBody: number | Uint8Array = 0,
): Buffer {
  const body = typeof lengthOrBody === 'number' ? Buffer.alloc(0) : lengthOrBody;
  const header = Buffer.alloc(HEADER_BYTES);
  header[1] = type;
  header.writeUInt16BE(flags, 2);
  header.writeUInt32BE(stream, 4);
  header.writeUInt32BE(typeof lengthOrBody === 'number' ? lengthOrBody : body.length, 8);
  return Buffer.concat([header, body]);
}

/** The connection below. */
export interface SecureLink {
  readonly inbox: Inbox;
  send(bytes: Buffer): void;
  /** Resolves when little waits to be sent. */
  drained(): Promise<void>;
}

export interface YamuxOptions {
  readonly isClient: boolean;
  /** False: the other side gets no more than its first window, ever. */
  readonly givesWindow: boolean;
  /** Streams that the other side opens, by protocol; what is not here is refused. */
  readonly handlers: ReadonlyMap<string, (stream: YamuxStream) => void>;
}

/** Yamux that leaves all rules to its user. */
export class YamuxSession {
  readonly streams = new Map<number, YamuxStream>();
  /** Pings that the other side answered. */
  pongs = 0;
  #nextId: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(
    readonly link: SecureLink,
    readonly options: YamuxOptions,
  ) {
    this.#nextId = options.isClient ? 1 : 2;
    link.inbox.flowTo((bytes) => this.#take(bytes));
  }

  /** The number of a stream to be opened by hand. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    return id;
  }

  /** Opens a stream and asks for a protocol without waiting for the answer. */
  open(protocol: string): YamuxStream {
    const stream = new YamuxStream(this, this.takeId());
    this.streams.set(stream.id, stream);
    this.link.send(yamuxFrame(Frame.windowUpdate, Flag.syn, stream.id));
    stream.propose(protocol);
    return stream;
  }

  #take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (this.#rest.length - at >= HEADER_BYTES) {
      const isData = this.#rest[at + 1] === Frame.data;
      const length = this.#rest.readUInt32BE(at + 8);
      const end = at + HEADER_BYTES + (isData ? length : 0);
      if (end > this.#rest.length) break;
      this.#onFrame(this.#rest.subarray(at, end), length);
      at = end;
    }
    this.#rest = this.#rest.subarray(at);
  }

  #onFrame(frame: Buffer, length: number): void {
    const [type, flags, id] = [frame[1], frame.readUInt16BE(2), frame.readUInt32BE(4)];
    if (type === Frame.ping) {
      if (flags & Flag.ack) this.pongs += 1;
      else this.link.send(yamuxFrame(Frame.ping, Flag.ack, 0, length));
    }
    if (type !== Frame.data && type !== Frame.windowUpdate) return;
    if (flags & Flag.syn) this.#accept(id);
    const stream = this.streams.get(id);
    if (type === Frame.windowUpdate) stream?.widen(length);
    else if (length > 0) this.#onData(stream, frame.subarray(HEADER_BYTES), id);
    if (flags & Flag.fin) stream?.endInput();
    if (flags & Flag.rst) stream?.destroy();
  }

  #onData(stream: YamuxStream | undefined, bytes: Buffer, id: number): void {
    stream?.inbox.push(bytes);
    if (this.options.givesWindow) this.link.send(yamuxFrame(Frame.windowUpdate, Flag.none, id, bytes.length));
  }

  #accept(id: number): void {
    const stream = new YamuxStream(this, id);
    this.streams.set(id, stream);
    this.link.send(yamuxFrame(Frame.windowUpdate, Flag.ack, id));
    stream.answer(this.options.handlers);
  }
}

/** A stream that keeps to the window it was given; whoever reads it gets all that came. */
export class YamuxStream extends Duplex {
  readonly inbox = new Inbox();
  /** Resolves with the protocol agreed on; rejects when there is none. */
  agreed: Promise<string> = Promise.resolve('');
  #window = WINDOW_BYTES;
  #isFlowing = false;
  #isInputEnded = false;
  #waiting: { bytes: Buffer; done: () => void } | undefined;

  constructor(
    private readonly session: YamuxSession,
    readonly id: number,
  ) {
    super();
    this.on('error', () => {});
  }

  propose(protocol: string): void {
    this.#raw(proposal(protocol));
    this.agreed = readAgreement(this.inbox, protocol).then(() => protocol);
    this.#flowWhenAgreed();
  }

  answer(handlers: YamuxOptions['handlers']): void {
    const write = (bytes: Buffer) => this.#raw(bytes);
    this.agreed = answerProposals(this.inbox, write, (protocol) => handlers.has(protocol));
    this.#flowWhenAgreed();
    this.agreed.then((protocol) => handlers.get(protocol)?.(this)).catch(() => {});
  }

  #flowWhenAgreed(): void {
    const flow = () => {
      this.inbox.flowTo((bytes) => void this.push(bytes));
      this.#isFlowing = true;
      if (this.#isInputEnded) this.push(null);
    };
    this.agreed.then(flow).catch(() => this.destroy());
  }

  /** The other side writes no more. */
  endInput(): void {
    if (this.#isFlowing && !this.#isInputEnded) this.push(null);
    this.#isInputEnded = true;
  }

  /** The other side takes so much more. */
  widen(bytes: number): void {
    this.#window += bytes;
    this.#transmit();
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#waiting = { bytes, done };
    this.#transmit();
  }

  override _final(done: () => void): void {
    this.session.link.send(yamuxFrame(Frame.windowUpdate, Flag.fin, this.id));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.session.streams.delete(this.id))
      this.session.link.send(yamuxFrame(Frame.windowUpdate, Flag.rst, this.id));
    this.inbox.end(new Error('stream closed'));
    this.#waiting?.done();
    this.#waiting = undefined;
    done(error);
  }

  #raw(bytes: Buffer): void {
    this.#window -= bytes.length;
    this.session.link.send(yamuxFrame(Frame.data, Flag.none, this.id, bytes));
  }

  #transmit(): void {
    const job = this.#waiting;
    if (job === undefined) return;
    while (job.bytes.length > 0 && this.#window > 0) {
      const length = Math.min(this.#window, MAX_CHUNK_BYTES);
      this.#raw(job.bytes.subarray(0, length));
      job.bytes = job.bytes.subarray(length);
    }
    if (job.bytes.length > 0) return;
    this.#waiting = undefined;
    void this.session.link.drained().then(() => job.done());
  }
}
