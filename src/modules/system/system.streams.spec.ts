import { beforeEach, describe, expect, it } from '@jest/globals';
import { aSystem, codeOf, hashOf } from '../../../test/support/system-under-test.js';
import type { ChainEvent } from '../blockchain/index.js';
import type { SystemController } from './system.controller.js';
import { SystemError } from './system.errors.js';

describe('streams of the operator service', () => {
  let chain: ReturnType<typeof aSystem>['chain'];
  let closing: AbortController;
  let call: ReturnType<typeof aSystem>['call'];
  let sut: SystemController;

  beforeEach(() => {
    ({ chain, closing, call, sut } = aSystem());
  });

  describe('Subscribe', () => {
    const event = (number: number): ChainEvent => ({
      type: 'head:changed',
      added: [{ number, hash: hashOf(number) }],
      removed: [],
      source: 'sync',
      atMs: 0,
    });

    it('sends nothing at first and then each event', () => {
      const subscription = sut.subscribe({}, undefined, call).subscribe();
      expect(call.written).toEqual([]);
      chain.events.next(event(5));
      expect(call.written).toEqual([{ added: [{ number: 5n, hash: `0x${'05'.repeat(32)}` }], removed: [] }]);
      subscription.unsubscribe();
      expect(chain.events.observed).toBe(false);
    });

    it('ends a stalled stream with the height to resume from', () => {
      let error: unknown;
      sut.subscribe({}, undefined, call).subscribe({
        error: (failure: unknown) => {
          error = failure;
        },
      });
      call.writableNeedDrain = true;
      for (const number of [5, 6, 7]) chain.events.next(event(number));
      expect((error as SystemError).detail).toEqual({ code: 'SYSTEM.SUBSCRIBER_TOO_SLOW', resumeFrom: 5 });
    });

    it('ends when the port closes', () => {
      let error: unknown;
      sut.subscribe({}, undefined, call).subscribe({
        error: (failure: unknown) => {
          error = failure;
        },
      });
      closing.abort(new SystemError({ code: 'SYSTEM.SHUTTING_DOWN' }));
      expect((error as SystemError).code).toBe('SYSTEM.SHUTTING_DOWN');
    });
  });

  const exported = (from: bigint, to: bigint) =>
    new Promise<{ from: bigint; to: bigint; latest: bigint; data: Uint8Array }[]>((resolve, reject) => {
      const request = { from, to } as Parameters<SystemController['export']>[0];
      sut.export(request, undefined, call).subscribe({
        complete: () => resolve(call.written as never),
        error: reject,
      });
    });

  describe('Export', () => {
    beforeEach(() => {
      chain.blocks = Array.from({ length: 10 }, (_, number) => new Uint8Array(200_000).fill(number));
    });

    it('cuts the range into chunks under 512 KiB', async () => {
      const events = await exported(3n, 8n);
      expect(events.map(({ from, to, latest }) => [from, to, latest])).toEqual([
        [3n, 4n, 9n],
        [5n, 6n, 9n],
        [7n, 8n, 9n],
      ]);
      expect(events[0]?.data.length).toBe(400_000);
      expect([events[0]?.data[0], events[0]?.data[200_000]]).toEqual([3, 4]);
    });

    it('goes to the head when no end is given, and stops there when the end is beyond', async () => {
      expect((await exported(9n, 0n)).map(({ to }) => to)).toEqual([9n]);
      call.written.length = 0;
      expect((await exported(8n, 100n)).map(({ to }) => to)).toEqual([9n]);
    });

    it('sends a block that is larger than a chunk by itself', async () => {
      chain.blocks = [new Uint8Array(10), new Uint8Array(600_000), new Uint8Array(10)];
      expect((await exported(0n, 0n)).map(({ from, to }) => [from, to])).toEqual([
        [0n, 0n],
        [1n, 1n],
        [2n, 2n],
      ]);
    });

    it.each([
      [10n, 0n],
      [2n ** 64n - 1n, 0n],
    ])('is empty above the head (%s)', async (from, to) => {
      expect(await exported(from, to)).toEqual([]);
    });

    it.each([
      [5n, 5n],
      [6n, 5n],
    ])('refuses the range %s to %s', (from, to) => {
      expect(codeOf(() => sut.export({ from, to } as never, undefined, call))).toBe(
        'SYSTEM.EXPORT_RANGE_INVALID',
      );
    });
  });
});
