import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { SystemRandom } from '../../../common/random.js';
import { Dispatcher } from '../calls/dispatcher.js';
import { Load } from '../calls/load.js';
import type { Method } from '../calls/method.js';
import { createJsonRpcMetrics } from '../jsonrpc.metrics.js';
import { subscriptionMethods } from '../methods/node.methods.js';
import type { HeadListener, Heads } from './heads.js';
import { Session, type SessionOptions } from './session.js';

/** A WebSocket whose client reads only when told to. */
class FakeSocket extends EventEmitter {
  readonly sent: string[] = [];
  isPaused = false;
  isCut = false;
  private readonly unsent: ((error?: Error) => void)[] = [];

  send(text: string, onSent: (error?: Error) => void): void {
    this.sent.push(text);
    this.unsent.push(onSent);
  }

  read(count = this.unsent.length): void {
    for (const onSent of this.unsent.splice(0, count)) onSent();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  terminate(): void {
    this.isCut = true;
    for (const onSent of this.unsent.splice(0)) onSent(new Error('cut'));
    this.emit('close');
  }
}

class FakeHeads {
  readonly listeners = new Set<HeadListener>();

  listen(listener: HeadListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(head: string): void {
    for (const listener of this.listeners) listener(head);
  }
}

function under(methods: Record<string, Method> = {}, options: Partial<SessionOptions> = {}) {
  const [log, clock, metrics] = [
    new RecordingLogger(),
    new ManualClock(),
    createJsonRpcMetrics(new NoMetrics()),
  ];
  const load = new Load({ maxRequests: 10 });
  const table = new Map(Object.entries({ ...subscriptionMethods(), ...methods }));
  const dispatcher = new Dispatcher({ methods: table, batchLimit: 20, load, clock, metrics, log });
  const socket = new FakeSocket();
  const heads = new FakeHeads();
  let subscriptions = 0;
  const session = new Session(socket as unknown as WebSocket, {
    ...{ dispatcher, load, log, metrics, heads: heads as unknown as Heads, random: new SystemRandom() },
    ...{ maxSubscriptions: 16, subscriberBytes: 1_000 },
    onSubscriptions: (change) => {
      subscriptions += change;
    },
    ...options,
  });
  const ask = async (request: unknown) => {
    socket.emit('message', Buffer.from(JSON.stringify(request)));
    await nextTurn();
  };
  return { socket, heads, session, clock, load, ask, subscriptions: () => subscriptions };
}

const SUBSCRIBE = { id: 1, method: 'eth_subscribe', params: ['newHeads'] };

describe(Session.name, () => {
  it('subscribes to nothing for a client that left within a batch', async () => {
    let finish: () => void = () => {};
    const slow = () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      });
    const { socket, heads, session, ask, load, subscriptions } = under({ slow });
    await ask([{ id: 1, method: 'slow' }, ...Array.from({ length: 16 }, () => SUBSCRIBE)]);
    socket.terminate();
    finish();
    await nextTurn();
    expect([heads.listeners.size, subscriptions(), load.heldRequests]).toEqual([0, 0, 0]);
    expect(() => session.subscriptions.subscribeToHeads()).toThrow('the client is gone');
  });
});
