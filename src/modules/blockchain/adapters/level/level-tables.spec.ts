import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ClassicLevel } from 'classic-level';
import { LevelTables } from './level-tables.js';

const key = (text: string) => Buffer.from(text);
const text = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();

describe('LevelTables', () => {
  let path: string;
  let tables: LevelTables;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'edgekeeper-level-'));
    ({ tables } = await LevelTables.open(path));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await tables.close();
    await rm(path, { recursive: true });
  });

  /** A commit that fails, though its record stands in the log: it shows when the log is read again. */
  async function failAndKeep(): Promise<void> {
    await tables.commit((batch) => batch.put('meta', key('old'), key('1')));
    const original = ClassicLevel.prototype.batch;
    let kept: (() => Promise<unknown>) | undefined;
    jest.spyOn(ClassicLevel.prototype, 'batch').mockImplementationOnce(function (
      this: ClassicLevel,
      ...given: unknown[]
    ) {
      kept = () => Reflect.apply(original, this, given) as unknown as Promise<unknown>;
      throw new Error('IO error: 000003.log: No space left on device');
    } as never);
    const commit = tables.commit((batch) => {
      batch.put('meta', key('old'), key('2'));
      batch.put('meta', key('new'), key('2'));
    });
    await expect(commit).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_FULL' });
    expect(tables.isBroken).toBe(true);
    await kept?.();
  }

  it('takes back what a failed commit left in the log', async () => {
    await failAndKeep();
    await tables.recover();
    expect(tables.isBroken).toBe(false);
    expect(text(tables.get('meta', key('old')))).toBe('1');
    expect(tables.get('meta', key('new'))).toBeUndefined();
    await tables.commit((batch) => batch.put('meta', key('new'), key('3')));
    await tables.close();
    ({ tables } = await LevelTables.open(path));
    expect(text(tables.get('meta', key('old')))).toBe('1');
    expect(text(tables.get('meta', key('new')))).toBe('3');
  });

  it('says that it is closed to reads that were under way', async () => {
    const asked = tables.keys('meta', key('a'), key('z'), 10);
    const closed = tables.close();
    await expect(Promise.allSettled([asked, closed])).resolves.toHaveLength(2);
    expect(() => tables.get('meta', key('old'))).toThrow(
      expect.objectContaining({ code: 'BLOCKCHAIN.STORE_CLOSED' }),
    );
  });
});
