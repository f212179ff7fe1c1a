import { describe, expect, it } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { NEVER, of, Subject, throwError } from 'rxjs';
import type { PeerId, PeerStreamCall } from '../modules/network/index.js';
import { peerCodecs } from './operator-definition.js';
import { handlerPattern, PeerRouter } from './peer-router.js';

const call = (signal = new AbortController().signal): PeerStreamCall => ({
  peerId: '16Uiu2HAmAQLdECPvYyixQMWSesTJd7jbF1Q9JGVXLQM5PHRrZVy9' as PeerId,
  signal,
  writableNeedDrain: false,
  write: () => true,
  once: () => undefined,
  off: () => undefined,
  allSent: async () => {},
  reset: () => {},
});

function routerWith(service: string, rpc: string, handler: MessageHandler): PeerRouter {
  return new PeerRouter(new Map([[handlerPattern(service, rpc), handler]]), peerCodecs());
}

describe(PeerRouter.name, () => {
  it('finds a controller method by service and method, and keeps it', () => {
    const router = routerWith('Identity', 'Hello', async () => ({}));
    const found = router.find('v1.Identity', 'Hello');
    expect(found?.kind).toBe('unary');
    expect(router.find('v1.Identity', 'Hello')).toBe(found);
  });

  it.each([
    ['v1.Identity', 'Bye'],
    ['v1.System', 'GetStatus'],
    ['v1.SyncPeer', 'GetBlocks'],
    ['v2.Identity', 'Hello'],
  ])('finds nothing for %s/%s', (service, method) => {
    const router = routerWith('Identity', 'Hello', async () => ({}));
    expect(router.find(service, method)).toBeUndefined();
  });

  it('hands the request and the authenticated caller to the handler', async () => {
    const seen: unknown[] = [];
    const handler = async (...args: unknown[]) => {
      seen.push(...args);
      return { chain: 1n };
    };
    const found = routerWith('Identity', 'Hello', handler as MessageHandler).find('v1.Identity', 'Hello');
    const caller = call();
    await expect(found?.handle('request', caller)).resolves.toEqual({ chain: 1n });
    expect(seen).toEqual(['request', undefined, caller]);
  });

  it('takes the value or the error of an Observable', async () => {
    const answering = routerWith('Identity', 'Hello', async () => of({ chain: 2n })).find(
      'v1.Identity',
      'Hello',
    );
    await expect(answering?.handle({}, call())).resolves.toEqual({ chain: 2n });
    const failure = new Error('refused');
    const refusing = routerWith('Identity', 'Hello', async () => throwError(() => failure));
    await expect(refusing.find('v1.Identity', 'Hello')?.handle({}, call())).rejects.toBe(failure);
  });

  describe('of a server stream', () => {
    const streamOf = (result: unknown) => {
      const found = routerWith('SyncPeer', 'GetBlocks', async () => result).find('v1.SyncPeer', 'GetBlocks');
      if (found?.kind !== 'server-stream') throw new Error('expected a server stream');
      return found;
    };

    it('ends when the handler completes', async () => {
      const done = new Subject<never>();
      const handled = streamOf(done).handle({}, call());
      await Promise.resolve();
      done.complete();
      await expect(handled).resolves.toBeUndefined();
    });

    it('fails as the handler fails', async () => {
      const failure = new Error('store');
      await expect(streamOf(throwError(() => failure)).handle({}, call())).rejects.toBe(failure);
    });

    it('leaves the handler when the caller is gone, also before it began', async () => {
      const gone = new AbortController();
      const handled = streamOf(NEVER).handle({}, call(gone.signal));
      gone.abort();
      await expect(handled).resolves.toBeUndefined();
      await expect(streamOf(NEVER).handle({}, call(gone.signal))).resolves.toBeUndefined();
    });
  });
});
