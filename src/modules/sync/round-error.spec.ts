import { describe, expect, it } from '@jest/globals';
import { peerId } from '../../../test/support/fake-network.js';
import { BlockchainError, type BlockchainErrorDetail } from '../blockchain/index.js';
import { NetworkError, type NetworkErrorDetail } from '../network/index.js';
import { faultOf, roundErrorOf } from './round-error.js';
import { consequenceOf, SyncError, type SyncErrorDetail } from './sync.errors.js';

const where = { peerId: peerId('a'), height: 9 };
const path = '/v1.SyncPeer/GetBlocks';

describe(roundErrorOf.name, () => {
  it.each<{ detail: NetworkErrorDetail; expect: string }>([
    { detail: { code: 'NETWORK.RPC_TIMEOUT', peerId: 'a', path, timeoutMs: 9 }, expect: 'SYNC.STALLED' },
    { detail: { code: 'NETWORK.BAD_MESSAGE', peerId: 'a', path, reason: '' }, expect: 'SYNC.BAD_MESSAGE' },
    {
      detail: { code: 'NETWORK.MESSAGE_TOO_LARGE', peerId: 'a', path, maxBytes: 9 },
      expect: 'SYNC.BAD_MESSAGE',
    },
    {
      detail: { code: 'NETWORK.RPC_FAILED', peerId: 'a', path, status: 2, details: '' },
      expect: 'SYNC.PEER_FAILED',
    },
    {
      detail: { code: 'NETWORK.RPC_FAILED', peerId: 'a', path, status: 11, details: '' },
      expect: 'SYNC.NOT_KEPT',
    },
    { detail: { code: 'NETWORK.CONNECTION_CLOSED', peerId: 'a' }, expect: 'SYNC.PEER_FAILED' },
    { detail: { code: 'NETWORK.NOT_CONNECTED', peerId: 'a' }, expect: 'SYNC.PEER_FAILED' },
    {
      detail: { code: 'NETWORK.PROTOCOL_UNSUPPORTED', peerId: 'a', protocol: '' },
      expect: 'SYNC.PEER_FAILED',
    },
  ])('makes $expect of $detail.code', ({ detail, expect: code }) => {
    const cause = new NetworkError(detail);
    const error = roundErrorOf(cause, where);
    expect(error.detail).toMatchObject({ code, peerId: 'a' });
    expect(error.cause).toBe(cause);
  });

  const rule = 'structure.gas-limit';
  const ofSender: BlockchainErrorDetail[] = [
    { code: 'BLOCKCHAIN.UNDECODABLE', reason: '' },
    { code: 'BLOCKCHAIN.NOT_CANONICAL', number: 9, reason: '' },
    { code: 'BLOCKCHAIN.TOO_LARGE', maxBytes: 9 },
    { code: 'BLOCKCHAIN.UNKNOWN_PARENT', number: 9 },
    { code: 'BLOCKCHAIN.BAD_SEQUENCE', number: 9, expected: 8 },
    { code: 'BLOCKCHAIN.BAD_HEADER', number: 9, rule, reason: '' },
    { code: 'BLOCKCHAIN.BAD_BODY', number: 9, rule, reason: '' },
    { code: 'BLOCKCHAIN.BAD_EXTRA', number: 9, reason: '' },
    { code: 'BLOCKCHAIN.BAD_SEAL', number: 9, rule, reason: '' },
    { code: 'BLOCKCHAIN.GENESIS_MISMATCH', reason: '' },
    { code: 'BLOCKCHAIN.GENESIS_MISSING' },
  ];
  it.each(ofSender)('blames the peer for $code', (detail) => {
    const error = roundErrorOf(new BlockchainError(detail), where);
    expect(error.detail).toMatchObject({ code: 'SYNC.BAD_BLOCK', peerId: 'a', height: 9 });
  });

  const ofOurs: BlockchainErrorDetail[] = [
    { code: 'BLOCKCHAIN.GENESIS_INVALID', faults: [] },
    { code: 'BLOCKCHAIN.STORE_GAP', number: 9, expected: 8 },
    { code: 'BLOCKCHAIN.STORE_CORRUPT', reason: '' },
    { code: 'BLOCKCHAIN.STORE_FAILED', reason: '' },
    { code: 'BLOCKCHAIN.STORE_LOCKED', path: '' },
    { code: 'BLOCKCHAIN.STORE_OTHER_CHAIN', path: '', theirs: '', ours: '' },
    { code: 'BLOCKCHAIN.STORE_CLOSED' },
    { code: 'BLOCKCHAIN.ARCHIVE_INVALID', reason: '' },
    { code: 'BLOCKCHAIN.CHECKPOINT_INVALID', path: '', reason: '' },
    { code: 'BLOCKCHAIN.CANCELLED' },
  ];
  it.each(ofOurs)('does not blame the peer for $code', (detail) => {
    expect(roundErrorOf(new BlockchainError(detail), where).code).toBe('SYNC.LOCAL_FAILURE');
  });

  it('does not blame the peer for what nobody expected', () => {
    const bug = new TypeError('bug');
    const error = roundErrorOf(bug, where);
    expect(error.code).toBe('SYNC.LOCAL_FAILURE');
    expect(error.cause).toBe(bug);
  });

  it('is a bug at a code that nobody knows', () => {
    const unknown = new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED' });
    Object.assign(unknown, { detail: { code: 'BLOCKCHAIN.NEW' } });
    expect(() => roundErrorOf(unknown, where)).toThrow('BLOCKCHAIN.NEW');
  });

  it('keeps an error of our own', () => {
    const error = new SyncError({ code: 'SYNC.CANCELLED' });
    expect(roundErrorOf(error, where)).toBe(error);
  });
});

describe(consequenceOf.name, () => {
  it.each<{ detail: SyncErrorDetail; first: string; second: string }>([
    { detail: { code: 'SYNC.CANCELLED' }, first: 'none', second: 'none' },
    { detail: { code: 'SYNC.WRONG_STATE', transition: 'a -> b', state: 'c' }, first: 'skip', second: 'skip' },
    { detail: { code: 'SYNC.LOCAL_FAILURE', reason: '' }, first: 'skip', second: 'skip' },
    { detail: { code: 'SYNC.NOT_KEPT', peerId: 'a', height: 9 }, first: 'skip', second: 'skip' },
    { detail: { code: 'SYNC.VOTE_OUTVOTED', peerId: 'a', height: 9 }, first: 'skip', second: 'skip' },
    {
      detail: { code: 'SYNC.ALTERED_VOTE', peerId: 'a', height: 9, number: 10 },
      first: 'drop',
      second: 'drop',
    },
    { detail: { code: 'SYNC.TOO_SLOW', peerId: 'a', blocks: 1, waitedMs: 9 }, first: 'skip', second: 'skip' },
    { detail: { code: 'SYNC.PEER_FAILED', peerId: 'a', reason: '' }, first: 'skip', second: 'drop' },
    {
      detail: { code: 'SYNC.HEIGHT_NOT_SERVED', peerId: 'a', claimed: 9, reached: 1 },
      first: 'skip',
      second: 'drop',
    },
    { detail: { code: 'SYNC.IMPLAUSIBLE_HEIGHT', peerId: 'a', claimed: '9' }, first: 'drop', second: 'drop' },
    { detail: { code: 'SYNC.STALLED', peerId: 'a', timeoutMs: 9 }, first: 'drop', second: 'drop' },
    { detail: { code: 'SYNC.BAD_BLOCK', peerId: 'a', height: 1, reason: '' }, first: 'drop', second: 'drop' },
    {
      detail: { code: 'SYNC.OUT_OF_ORDER', peerId: 'a', expected: 2, reached: 1 },
      first: 'drop',
      second: 'drop',
    },
    { detail: { code: 'SYNC.BAD_MESSAGE', peerId: 'a', reason: '' }, first: 'drop', second: 'drop' },
  ])('answers $detail.code with $first, then $second', ({ detail, first, second }) => {
    const error = new SyncError(detail);
    expect(consequenceOf(error, 0)).toBe(first);
    expect(consequenceOf(error, 1)).toBe(second);
    expect(error.message.length).toBeGreaterThan(0);
  });

  it('lets a peer be slow twice', () => {
    const error = new SyncError({ code: 'SYNC.TOO_SLOW', peerId: 'a', blocks: 1, waitedMs: 9 });
    expect(consequenceOf(error, 2)).toBe('drop');
  });

  it('is a bug at a code that nobody knows', () => {
    const unknown = { code: 'SYNC.NEW' } as never;
    expect(() => new SyncError(unknown)).toThrow('SYNC.NEW');
    const error = Object.assign(new SyncError({ code: 'SYNC.CANCELLED' }), { detail: unknown });
    expect(() => consequenceOf(error, 0)).toThrow('SYNC.NEW');
  });

  it('tells the network how grave it is', () => {
    const error = new SyncError({ code: 'SYNC.STALLED', peerId: 'a', timeoutMs: 9 });
    expect(faultOf(error, 'drop')).toEqual({
      code: 'SYNC.STALLED',
      message: error.message,
      severity: 'drop',
    });
    expect(faultOf(error, 'skip').severity).toBe('retry');
  });
});
