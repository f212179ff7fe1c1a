import { toHex } from '../../../common/bytes.js';
import type { Random } from '../../../common/random.js';
import type { Subscriptions } from '../calls/method.js';
import { JsonRpcError } from '../jsonrpc.errors.js';
import type { Heads } from './heads.js';

const ID_BYTES = 16;

export interface HeadSubscriptionsOptions {
  readonly heads: Heads;
  readonly random: Random;
  readonly maxSubscriptions: number;
  /** One more or one less. */
  readonly onSubscriptions: (change: 1 | -1) => void;
}

/** The subscriptions of one WebSocket. */
export class HeadSubscriptions implements Subscriptions {
  private readonly stops = new Map<string, () => void>();
  private isEnded = false;

  /** @param tell Takes a notification. Must not throw, and must not wait. */
  constructor(
    private readonly options: HeadSubscriptionsOptions,
    private readonly tell: (text: string) => void,
  ) {}

  subscribeToHeads(): string {
    const { heads, random, maxSubscriptions, onSubscriptions } = this.options;
    // It would listen for ever, as nobody would end it.
    if (this.isEnded) throw new JsonRpcError({ code: 'JSONRPC.CLIENT_GONE' });
    if (this.stops.size >= maxSubscriptions) {
      throw new JsonRpcError({ code: 'JSONRPC.TOO_MANY_SUBSCRIPTIONS', limit: maxSubscriptions });
    }
    const id = toHex(random.bytes(ID_BYTES));
    this.stops.set(
      id,
      heads.listen((head) => this.tell(notification(id, head))),
    );
    onSubscriptions(1);
    return id;
  }

  unsubscribe(id: string): boolean {
    const stop = this.stops.get(id);
    if (stop === undefined) return false;
    this.stops.delete(id);
    stop();
    this.options.onSubscriptions(-1);
    return true;
  }

  /** Ends all; there are none after it. */
  end(): void {
    this.isEnded = true;
    for (const id of [...this.stops.keys()]) this.unsubscribe(id);
  }
}

const notification = (id: string, head: string): string =>
  `{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"${id}","result":${head}}}`;
