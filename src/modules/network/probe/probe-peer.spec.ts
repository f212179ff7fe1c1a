import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../test/support/peer-ids.js';
import { type ScriptedAnswer, ScriptedProtocols } from '../../../../test/support/scripted-protocols.js';
import { StatusSchema } from '../../../gen/v1/identity_pb.js';
import { SyncPeerStatusSchema } from '../../../gen/v1/syncer_pb.js';
import { ResourceLedger } from '../limits/resource-ledger.js';
import { networkConfigSchema } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import { LinkFailure, type ProbeLink } from '../ports/probe-link.port.js';
import type { ProbedChain, ProbeStep } from '../ports/prober.port.js';
import { probePeer } from './probe-peer.js';

const PEER = testPeerId(2);
const GENESIS = `0x${'ab'.repeat(32)}`;
const LINKED = ['resolve', 'connect', 'noise', 'identity', 'yamux'] as const;

const status = (fields: { chain?: bigint; genesis?: string; claimed?: string } = {}) => {
  const { chain = 100n, genesis = '', claimed = PEER } = fields;
  return toBinary(StatusSchema, create(StatusSchema, { chain, genesis, metadata: { peerID: claimed } }));
};
const height = (number: bigint) => toBinary(SyncPeerStatusSchema, create(SyncPeerStatusSchema, { number }));

interface Script {
  /** How the way to the connection ends; undefined = well, null = never. */
  readonly link?: LinkFailure | null;
  readonly passes?: number;
  readonly hello?: ScriptedAnswer;
  readonly sync?: ScriptedAnswer;
  readonly chain?: ProbedChain;
}

function run({ link: end, passes = 5, hello = status(), sync = height(7n), chain }: Script) {
  const clock = new ManualClock();
  const protocols = new ScriptedProtocols(clock);
  protocols.answer = ({ path }) => (path === '/v1.Identity/Hello' ? hello : sync);
  const config = networkConfigSchema.parse({});
  const steps: ProbeStep[] = [];
  const served: string[] = [];
  let closes = 0;
  const link: ProbeLink = {
    peerId: testPeerId(1),
    protocols,
    agent: () => 'go\u001b[31m',
    handle: (protocol) => void served.push(protocol),
    unhandle: () => {},
    open: async (_address, onPassed, signal) => {
      for (const stage of LINKED.slice(0, passes)) {
        clock.advance(3);
        onPassed(stage, `${stage} found`);
      }
      if (end === null)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      if (end) throw end;
    },
    close: async () => {
      closes += 1;
    },
  };
  const done = probePeer(
    { peerId: PEER, transport: '/ip4/192.0.2.1/tcp/1478' },
    {
      link,
      config,
      clock,
      chain,
      ledger: new ResourceLedger({ limits: config.limits, onRefused: () => {} }),
      stageTimeoutMs: 10_000,
      onStep: (step) => steps.push(step),
    },
  );
  return { clock, steps, served, done, closes: () => closes, protocols };
}

const outcomes = (steps: readonly ProbeStep[]) =>
  steps.map((step) =>
    step.outcome === 'failed' ? `${step.stage}: ${step.fault}` : `${step.stage}: ${step.outcome}`,
  );

describe(probePeer.name, () => {
  it('tells of each stage and how long it took, and goes', async () => {
    const { done, steps, served, closes } = run({});
    await done;
    expect(steps).toEqual([
      ...LINKED.map((stage) => ({ stage, durationMs: 3, outcome: 'ok', found: `${stage} found` })),
      {
        stage: 'hello',
        durationMs: 0,
        outcome: 'ok',
        found: 'chain 100, genesis not told, runs go\\u001b[31m',
      },
      { stage: 'sync', durationMs: 0, outcome: 'ok', found: 'height 7' },
    ]);
    expect(served).toEqual(['/id/0.1']);
    expect(closes()).toBe(1);
  });

  it('calls as a temporary dial, of its own chain where it has one', async () => {
    const { done, protocols, steps } = run({
      chain: { chainId: 100, genesisHash: GENESIS },
      hello: status({ genesis: GENESIS }),
    });
    await done;
    const [hello] = protocols.callsOf('/v1.Identity/Hello');
    const said = create(StatusSchema, {
      chain: 100n,
      genesis: GENESIS,
      metadata: { peerID: testPeerId(1) },
      temporaryDial: true,
    });
    expect(hello?.request).toEqual(toBinary(StatusSchema, said));
    expect(outcomes(steps).at(-1)).toBe('sync: ok');
  });

  it.each<{ name: string; script: Script; expect: string }>([
    {
      name: 'no name',
      script: { passes: 0, link: new LinkFailure('unknown-name', 'r') },
      expect: 'resolve: unknown-name',
    },
    {
      name: 'a closed port',
      script: { passes: 1, link: new LinkFailure('refused', 'r') },
      expect: 'connect: refused',
    },
    {
      name: 'another identity',
      script: { passes: 3, link: new LinkFailure('other-identity', 'r') },
      expect: 'identity: other-identity',
    },
    {
      name: 'another chain',
      script: { chain: { chainId: 101, genesisHash: undefined } },
      expect: 'hello: other-chain',
    },
    {
      name: 'another genesis',
      script: {
        chain: { chainId: 100, genesisHash: GENESIS },
        hello: status({ genesis: `0x${'cd'.repeat(32)}` }),
      },
      expect: 'hello: other-chain',
    },
    {
      name: 'a false name',
      script: { hello: status({ claimed: testPeerId(3) }) },
      expect: 'hello: bad-answer',
    },
    {
      name: 'no Hello',
      script: {
        hello: new NetworkError({ code: 'NETWORK.PROTOCOL_UNSUPPORTED', peerId: PEER, protocol: '/id/0.1' }),
      },
      expect: 'hello: no-protocol',
    },
    {
      name: 'a hang-up',
      script: { hello: new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId: PEER }) },
      expect: 'hello: closed',
    },
    { name: 'a bug', script: { hello: new TypeError('x') }, expect: 'hello: failed' },
    {
      name: 'a bad height',
      script: {
        sync: new NetworkError({ code: 'NETWORK.BAD_MESSAGE', peerId: PEER, path: 'p', reason: 'r' }),
      },
      expect: 'sync: bad-answer',
    },
  ])('names the fault and skips the rest: $name', async ({ script, expect: fault }) => {
    const { done, steps, closes } = run(script);
    await done;
    const told = outcomes(steps);
    const at = told.indexOf(fault);
    expect(at).toBeGreaterThanOrEqual(0);
    expect(told.slice(0, at).every((text) => text.endsWith(': ok'))).toBe(true);
    expect(told.slice(at + 1).every((text) => text.endsWith(': skipped'))).toBe(true);
    expect(told).toHaveLength(7);
    expect(closes()).toBe(1);
  });

  it.each([
    { name: 'on the way', script: { link: null, passes: 2 }, expect: 'noise: timeout' },
    { name: 'at Hello', script: { hello: undefined }, expect: 'hello: timeout' },
  ])('waits for no stage longer than its time: $name', async ({ script, expect: fault }) => {
    const { done, steps, clock, closes, protocols } = run({ ...script });
    if (!('link' in script)) protocols.answer = () => undefined;
    await eventually(() => clock.pendingTimers > 0 && steps.length >= 2);
    clock.advance(9_999);
    expect(outcomes(steps).some((text) => text.endsWith('timeout'))).toBe(false);
    clock.advance(1);
    await done;
    expect(outcomes(steps)).toContain(fault);
    expect(steps).toHaveLength(7);
    expect([closes(), clock.pendingTimers]).toEqual([1, 0]);
  });
});
