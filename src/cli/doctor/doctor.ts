import { toHex } from '../../common/bytes.js';
import { genesisHash } from '../../modules/blockchain/index.js';
import type { ProbedChain } from '../../modules/network/index.js';
import { readChainFile } from '../../node/read-chain-file.js';
import type { CommandContext } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { toJson } from '../output.js';
import { writeBundle } from './doctor-bundle.js';
import { type Finding, findingJson, findingLines, hasFailed } from './doctor-finding.js';
import { diagnoseLocally, type LocalReport } from './doctor-local.js';
import { diagnosePeer } from './doctor-peer.js';

const BUNDLE = 'bundle';

interface PeerReport {
  readonly address: string;
  readonly findings: readonly Finding[];
}

/**
 * `doctor`: what is wrong. With addresses, whether those peers can be reached, each by one dial that takes no slot
 * there; without, whether a node can run here. `--bundle` writes what a bug report needs, without secrets.
 */
export async function doctor(
  context: CommandContext,
  given: Given,
  addresses: readonly string[],
): Promise<void> {
  const { io } = context;
  const isJson = given.json !== undefined;
  const { [BUNDLE]: _, ...flags } = given;
  const bundlePath = textOf(given, BUNDLE);
  const show = (text: string) => {
    if (!isJson) io.stdout(text);
  };
  const showFinding = (finding: Finding) => show(findingLines(finding, io.terminal.colours));

  let local: LocalReport | undefined;
  if (addresses.length === 0 || bundlePath !== '') {
    show('\n[DOCTOR]\n');
    local = await diagnoseLocally(context, flags, showFinding);
  }
  const chain = await chainOf(textOf(given, 'chain'), addresses);
  const peers: PeerReport[] = [];
  for (const address of addresses) {
    show(`\n[DOCTOR] ${JSON.stringify(address).slice(1, -1)}\n`);
    const findings: Finding[] = [];
    await diagnosePeer(address, chain, context, (finding) => {
      findings.push(finding);
      showFinding(finding);
    });
    peers.push({ address, findings });
  }

  const report = {
    ok: !hasFailed([...(local?.findings ?? []), ...peers.flatMap(({ findings }) => findings)]),
    ...(local && { checks: local.findings.map(findingJson) }),
    ...(peers.length > 0 && { peers: peers.map(peerJson) }),
  };
  if (bundlePath !== '' && local !== undefined) {
    await writeBundle(bundlePath, context, local, report);
    show(`\nBundle written to ${bundlePath}\n`);
  }
  if (isJson) io.stdout(`${toJson(bundlePath === '' ? report : { ...report, bundle: bundlePath })}\n`);
  if (!report.ok) io.setExitCode(1);
}

/** The chain that peers must be of: only when a file is named. */
async function chainOf(path: string, addresses: readonly string[]): Promise<ProbedChain | undefined> {
  if (path === '' || addresses.length === 0) return undefined;
  const chain = await readChainFile(path);
  const hash = await genesisHash(chain);
  return { chainId: chain.chainId, genesisHash: hash && toHex(hash) };
}

function peerJson({ address, findings }: PeerReport) {
  return { address, ok: !hasFailed(findings), stages: findings.map(findingJson) };
}
