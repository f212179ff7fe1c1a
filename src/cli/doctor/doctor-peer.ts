import { assertNever, errorText } from '../../common/app-error.js';
import { packageVersion } from '../../common/package-facts.js';
import {
  type ProbedChain,
  type ProbeFault,
  type ProbeStage,
  type ProbeStep,
  parsePeerAddress,
  probe,
} from '../../modules/network/index.js';
import type { CommandContext } from '../command-context.js';
import type { Finding } from './doctor-finding.js';

/** Goes to a peer stage by stage and tells how each went, as it goes. */
export async function diagnosePeer(
  text: string,
  chain: ProbedChain | undefined,
  { clock, random }: CommandContext,
  onFinding: (finding: Finding) => void,
): Promise<void> {
  try {
    const address = parsePeerAddress(text);
    if (address.transport === '') throw new Error('there is no address in front of /p2p');
    const agent = `edgekeeper/${packageVersion()}`;
    await probe(address, { clock, random, agent, chain, onStep: (step) => onFinding(findingOf(step)) });
  } catch (error) {
    onFinding({
      name: 'address',
      health: 'failed',
      durationMs: 0,
      detail: errorText(error),
      cause: 'bad-address',
      advice:
        'give a multiaddr such as /ip4/192.0.2.1/tcp/1478/p2p/16Uiu2HA…; `status` of that node prints its own',
    });
  }
}

function findingOf(step: ProbeStep): Finding {
  const { stage: name, durationMs } = step;
  switch (step.outcome) {
    case 'ok':
      return { name, health: 'ok', durationMs, detail: step.found };
    case 'skipped':
      return { name, health: 'skipped', durationMs, detail: '' };
    case 'failed': {
      const { fault: cause, reason: detail } = step;
      return { name, health: 'failed', durationMs, detail, cause, advice: adviceFor(step.stage, cause) };
    }
    default:
      return assertNever(step);
  }
}

function adviceFor(stage: ProbeStage, fault: ProbeFault): string {
  switch (fault) {
    case 'unknown-name':
      return 'the name is not known here: check its spelling and the DNS of this machine, or give an IP address';
    case 'refused':
      return 'the port is closed: is the node running, and does it listen there (--libp2p, by default only on 127.0.0.1)?';
    case 'unreachable':
      return 'there is no way to that address: check the network of this machine and that the address is public';
    case 'timeout':
      return stage === 'connect'
        ? 'nothing answers: check the firewall, the port forwarding, and that the address is still right (--nat, --dns)'
        : 'the peer fell silent: it may be overloaded, or something between swallows its answers';
    case 'closed':
      return stage === 'hello' || stage === 'sync'
        ? 'the peer hung up: it may be of another chain, ban this address, or have no free slot'
        : 'the peer hung up: it may ban this address or limit connections, or a proxy stands between';
    case 'not-libp2p':
      return 'something else answers at this port, such as the operator port or JSON-RPC: use the port of --libp2p';
    case 'other-identity':
      return 'the node there has another key: use its present ID, or check that the address is not of another node';
    case 'no-yamux':
      return 'the peer speaks libp2p without Yamux: it is no node of a Polygon Edge network';
    case 'no-protocol':
      return stage === 'sync'
        ? 'the peer serves no blocks: it is a node of another kind, or another version of the protocol'
        : 'the peer is a libp2p node, but none of a Polygon Edge network';
    case 'bad-answer':
      return 'the peer answers, but not as the protocol has it: is it a fork with another version?';
    case 'other-chain':
      return 'the peer is of another chain: check --chain here and there';
    case 'failed':
      return 'run again with a bundle (--bundle) and report it';
    default:
      return assertNever(fault);
  }
}
