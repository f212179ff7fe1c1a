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

const SHARE_BYTES = 400_000;

/** A WebSocket whose client reads only when told to. */
class FakeSocket extends EventEmitter {
  readonly sent: string[] = [];
  isPaused = false;
  isCut = false;
  bufferedAmount = 0;
  private readonly unsent: ((error?: Error) => void)[] = [];

  send(text: string, onSent: (error?: Error) => void): void {
    this.sent.push(text);
    this.bufferedAmount += text.length;
    this.unsent.push((error) => {
      this.bufferedAmount -= text.length;
      onSent(error);
    });
  }

  read(count = this.unsent.length): void {
    for (const onSent of this.unsent.splice(0, count)) onSent();
  }

  ping(): void {}

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
  const load = new Load({ maxRequests: 10, maxBytes: 4 * SHARE_BYTES });
  const table = new Map(Object.entries({ ...subscriptionMethods(), ...methods }));
  const dispatcher = new Dispatcher({ methods: table, batchLimit: 20, clock, metrics, log });
  const socket = new FakeSocket();
  const heads = new FakeHeads();
  let subscriptions = 0;
  const session = new Session(socket as unknown as WebSocket, {
    ...{
      dispatcher,
      load: load.of('a'),
      clock,
      log,
      metrics,
      heads: heads as unknown as Heads,
      random: new SystemRandom(),
    },
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

  it('cuts who does not read its reply in time, though it answers pings and sends', async () => {
    const { socket, clock, ask, load } = under({ large: () => 'x'.repeat(10_000) });
    await ask({ id: 1, method: 'large' });
    clock.advance(29_999);
    socket.emit('pong', Buffer.alloc(0));
    await ask({ id: 2, method: 'large' });
    expect([socket.sent.length, socket.isCut]).toEqual([1, false]);
    expect(load.heldBytes).toBeGreaterThan(10_000);
    clock.advance(1);
    await nextTurn();
    expect([socket.isCut, load.heldBytes, clock.pendingTimers]).toEqual([true, 0, 0]);
  });

  it('gives each reply its own time', async () => {
    const { socket, clock, ask } = under({ large: () => 'x'.repeat(10_000) });
    await ask({ id: 1, method: 'large' });
    await ask({ id: 2, method: 'large' });
    clock.advance(29_999);
    socket.read();
    await nextTurn();
    clock.advance(29_999);
    expect([socket.sent.length, socket.isCut]).toEqual([2, false]);
  });

  it('does not take a large reply on its way for heads that wait', async () => {
    const { socket, heads, ask } = under({ large: () => 'x'.repeat(10_000) }, { subscriberBytes: 1_000 });
    await ask(SUBSCRIBE);
    socket.read();
    await nextTurn();
    await ask({ id: 2, method: 'large' });
    for (let count = 0; count < 100; count++) {
      heads.tell(`"${'h'.repeat(100)}"`);
      socket.read();
    }
    await ask({ id: 3, method: 'large' });
    heads.tell('1');
    heads.tell('2');
    expect(socket.isCut).toBe(false);
  });

  it('cuts a subscriber behind whom too many heads wait', async () => {
    const { socket, heads, ask } = under({}, { subscriberBytes: 1_000 });
    await ask(SUBSCRIBE);
    socket.read();
    for (let count = 0; count < 11 && !socket.isCut; count++) heads.tell(`"${'h'.repeat(100)}"`);
    expect([socket.isCut, heads.listeners.size]).toEqual([true, 0]);
    expect(socket.sent.length).toBeLessThan(10);
  });

  it('holds what waits, and reads no more when it is long', async () => {
    const { socket, ask, load } = under({ fast: () => 1 });
    const large = { id: 1, method: 'fast', params: ['x'.repeat(100_000)] };
    await ask(large);
    expect([load.heldBytes < 1_000, socket.isPaused]).toEqual([true, false]);
    await ask(large);
    expect([load.heldBytes > 100_000, socket.isPaused]).toEqual([true, false]);
    await ask(large);
    expect([load.heldBytes > 200_000, socket.isPaused]).toEqual([true, true]);
    for (let reply = 0; reply < 3; reply++) {
      socket.read();
      await nextTurn();
    }
    expect([socket.sent.length, load.heldBytes, socket.isPaused]).toEqual([3, 0, false]);
  });

  it('cuts who sends on while its share is full, and gives back what it held', async () => {
    const { socket, ask, load } = under({ fast: () => 1 });
    const large = { id: 1, method: 'fast', params: ['x'.repeat(150_000)] };
    for (let count = 0; count < 4; count++) await ask(large);
    expect([socket.isCut, load.heldBytes > SHARE_BYTES]).toEqual([false, true]);
    await ask(large);
    expect([socket.isCut, load.heldBytes]).toEqual([true, 0]);
  });

  it('answers that the node is busy while others of its address have the share', async () => {
    const { socket, ask, load } = under({ fast: () => 1 });
    const release = load.of('a').holding(SHARE_BYTES);
    await ask({ id: 7, method: 'fast' });
    release();
    expect(JSON.parse(socket.sent[0] ?? '')).toMatchObject({ id: 7, error: { code: -32_005 } });
  });

  it('holds a message whose end does not come, and cuts who is at it for two rounds', () => {
    const { socket, session, load } = under();
    const round = () => {
      socket.emit('pong', Buffer.alloc(0));
      session.checkAlive();
    };
    session.received(65_536 + 18);
    for (let count = 0; count < 3; count++) round();
    expect([socket.isCut, load.heldBytes]).toEqual([false, 65_536]);
    session.received(100_000);
    round();
    expect([socket.isCut, load.heldBytes]).toEqual([true, 0]);
  });

  it('cuts who begins a message that there is no room for', () => {
    const { socket, session, load } = under();
    load.of('a').holding(SHARE_BYTES);
    session.received(65_536);
    expect(socket.isCut).toBe(false);
    session.received(65_536);
    session.received(1);
    expect([socket.isCut, load.heldBytes]).toEqual([true, SHARE_BYTES]);
  });
});
