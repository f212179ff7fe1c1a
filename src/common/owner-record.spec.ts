import { describe, expect, it } from '@jest/globals';
import { isOwnerAlive, ownerRecord } from './owner-record.js';
import { processIdentity } from './process-identity.js';

const NO_PROCESS = 2 ** 22 + 1;

describe(isOwnerAlive.name, () => {
  it.each<{ name: string; record: Uint8Array; expect: boolean }>([
    { name: 'this process', record: ownerRecord(), expect: true },
    {
      name: 'another process that runs',
      record: Buffer.from(`${process.ppid} ${processIdentity(process.ppid)}`),
      expect: true,
    },
    { name: 'a process that is no more', record: Buffer.from(`${NO_PROCESS} some-boot/12`), expect: false },
    {
      name: 'one whose ID another has now',
      record: Buffer.from(`${process.pid} some-boot/12`),
      expect: false,
    },
    { name: 'a record that is half written', record: Buffer.from(`${process.pid} `), expect: false },
    { name: 'an empty record', record: Buffer.of(), expect: false },
    { name: 'what is no record', record: Buffer.from('\0x'), expect: false },
  ])('$name: $expect', ({ record, expect: expected }) => {
    expect(isOwnerAlive(record)).toBe(expected);
  });
});
