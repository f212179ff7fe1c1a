import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { NETWORKS, type Network, readBackup } from '../support/fixtures.js';
import { readGenesisText } from '../support/genesis-texts.js';
import { type GetBlocksReply, GoPeer, gossipUntil } from '../support/go-peer.js';
import { TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';

/** Head hashes of test/fixtures/README.md, or of the archive where it is right. */
const HEADS: Record<Network, string> = {
  'ibft-ecdsa': '0x3a2cb21ac04afc9b0b1cdd798aa0444b87868c1e25f14d4b3021590ebf25ca13',
  'ibft-bls': '0x01971728b09c9431d513e24325d64075304a5e33590e1fcb26006fda6b288dce',
  'ibft-poa-rounds': toHex(readBackup('ibft-poa-rounds').metadata.latestHash),
  'ibft-pos': toHex(readBackup('ibft-pos').metadata.latestHash),
  'ibft-switch': toHex(readBackup('ibft-switch').metadata.latestHash),
  'ibft-pos-change': toHex(readBackup('ibft-pos-change').metadata.latestHash),
  polybft: lastRecordedHash(),
};

const backupOf = (network: Network) => `test/fixtures/${network}/backup.dat`;
const chainIdOf = (genesis: string) => String(JSON.parse(genesis).params.chainID);

describe('sync with a Go peer', () => {
  const running: { stop(): Promise<void> }[] = [];
  const track = <T extends { stop(): Promise<void> }>(started: T): T => {
    running.push(started);
    return started;
  };

  afterEach(async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  });

  it.each(NETWORKS)(
    '%s: we follow it to the head, and it fetches every block from us, byte-equal',
    async (network) => {
      const genesis = readGenesisText(network);
      const chainId = chainIdOf(genesis);
      const { blocks } = readBackup(network);
      const serving = track(await GoPeer.start('--chain-id', chainId, '--backup', backupOf(network)));
      const node = track(await TestNode.start({ genesis }));
      await node.system().peersAdd({ id: serving.address });
      const head = await waitFor(node.chain.head$, ({ number }) => number === blocks.length - 1);
      expect(toHex(head.hash)).toBe(HEADS[network]);

      const fetching = track(await GoPeer.start('--chain-id', chainId));
      await fetching.send('dial', { addr: node.address });
      await fetching.event('peerConnected');
      await expect(fetching.event('peerStatus')).resolves.toMatchObject({ number: blocks.length - 1 });
      const reply = await fetching.send<GetBlocksReply>('getBlocks', { peer: node.peers.self, from: 0 });
      const sha256 = createHash('sha256').update(Buffer.concat(blocks)).digest('hex');
      expect(reply).toMatchObject({ ok: true, count: blocks.length, sha256 });
    },
  );

  it('polybft: a genesis block that the file cannot give comes from the peer', async () => {
    const genesis = readGenesisText('polybft', { withStateRoot: false });
    const { blocks } = readBackup('polybft');
    const args = ['--chain-id', chainIdOf(genesis), '--backup', backupOf('polybft')];
    const serving = track(await GoPeer.start(...args));
    const node = track(await TestNode.start({ genesis }));
    expect(node.chain.info().genesisTrust).toBe('missing');
    await node.system().peersAdd({ id: serving.address });
    const head = await waitFor(node.chain.head$, ({ number }) => number === blocks.length - 1);
    expect(toHex(head.hash)).toBe(HEADS.polybft);
    expect(node.chain.info().genesisTrust).toBe('peer');
  });

  it('heights are gossiped both ways', async () => {
    const genesis = readGenesisText('ibft-ecdsa');
    const args = ['--chain-id', chainIdOf(genesis), '--backup', backupOf('ibft-ecdsa'), '--head', '100'];
    const serving = track(await GoPeer.start(...args));
    const node = track(await TestNode.start({ genesis }));
    await node.system().peersAdd({ id: serving.address });
    await waitFor(node.chain.head$, ({ number }) => number === 100);
    await serving.event('status', ({ peer, number }) => peer === node.peers.self && number === 100);
    await serving.send('setHead', { number: 120 });
    await gossipUntil(serving, 120, node);
  });
});

function lastRecordedHash(): string {
  const lines = readFileSync('test/fixtures/polybft/blocks.jsonl', 'utf8').trim().split('\n');
  return (JSON.parse(lines.at(-1) ?? '{}') as { hash: string }).hash;
}
