import { lengthPrefixed, readVarint } from './encoding.js';

const MAX_LINE_BYTES = 65_536;

/** Bytes as they come in: read by number or line at first, handed on as a flow later. */
export class Inbox {
  #bytes: Buffer = Buffer.alloc(0);
  #sink: ((bytes: Buffer) => void) | undefined;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  push(bytes: Buffer): void {
    if (this.#sink) {
      this.#sink(bytes);
    } else {
      this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
      this.#wake();
    }
  }

  /** Reading fails from now on. */
  end(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  async read(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) await this.#more();
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  /** A line of multistream-select, without its length and its end. */
  async readLine(): Promise<string> {
    for (;;) {
      const length = readVarint(this.#bytes);
      if (length === undefined || this.#bytes.length < length.end + length.value) {
        if ((length?.value ?? 0) > MAX_LINE_BYTES) throw new Error('line too long');
        await this.#more();
      } else {
        await this.read(length.end);
        return (await this.read(length.value)).toString('utf8').trimEnd();
      }
    }
  }

  /** Hands over what waits and all that follows. */
  flowTo(sink: (bytes: Buffer) => void): void {
    this.#sink = sink;
    const waiting = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    if (waiting.length > 0) sink(waiting);
  }

  async #more(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#failure && this.#bytes.length === 0) throw this.#failure;
  }
}

const MULTISTREAM = '/multistream/1.0.0';

function line(text: string): Buffer {
  return lengthPrefixed(Buffer.from(`${text}\n`));
}

/** What the side that asks for a protocol writes at once. */
export function proposal(protocol: string): Buffer {
  return Buffer.concat([line(MULTISTREAM), line(protocol)]);
}

/** Reads the answer to a {@link proposal}. */
export async function readAgreement(inbox: Inbox, protocol: string): Promise<void> {
  if ((await inbox.readLine()) !== MULTISTREAM) throw new Error('no multistream-select');
  const answer = await inbox.readLine();
  if (answer !== protocol) throw new Error(`${protocol} was answered with ${answer}`);
}

/** The other side's part; gives the protocol that was agreed on. */
export async function answerProposals(
  inbox: Inbox,
  write: (bytes: Buffer) => void,
  knows: (protocol: string) => boolean,
): Promise<string> {
  for (;;) {
    const wanted = await inbox.readLine();
    if (wanted === MULTISTREAM || knows(wanted)) write(line(wanted));
    else write(line('na'));
    if (wanted !== MULTISTREAM && knows(wanted)) return wanted;
  }
}
