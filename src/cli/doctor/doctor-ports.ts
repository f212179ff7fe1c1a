import { once } from 'node:events';
import { createServer } from 'node:net';
import { errorText } from '../../common/app-error.js';
import type { Clock } from '../../common/clock.js';
import { osErrorCode, osErrorText } from '../../common/os-error.js';
import type { NodeSettings } from '../../config/schema.js';
import { type ServerStatus, System } from '../../gen/v1/system_pb.js';
import { withService } from '../operator-client.js';
import type { Verdict } from './doctor-local.js';

/** What the operator port says. */
export interface NodeAnswer {
  readonly verdict: Verdict;
  readonly status: ServerStatus | undefined;
  readonly peers: readonly string[] | undefined;
}

/** Whether a node answers at the operator port. That none runs is no fault. */
export async function operatorCheck(
  { grpcHost, grpcPort }: NodeSettings['system'],
  clock: Clock,
): Promise<NodeAnswer> {
  const where = `${grpcHost}:${grpcPort}`;
  const nobody = (verdict: Verdict): NodeAnswer => ({ verdict, status: undefined, peers: undefined });
  if (grpcPort === 0) return nobody({ health: 'skipped', detail: 'the operator port is a random one' });
  try {
    const host = grpcHost === '0.0.0.0' ? '127.0.0.1' : grpcHost;
    return await withService(System, { host, port: grpcPort }, clock, async (client) => {
      const status = await client.getStatus({});
      const { peers } = await client.peersList({});
      const detail = `runs, chain ${status.network}, height ${status.current?.number ?? 0}, ${peers.length} peers`;
      const verdict: Verdict =
        peers.length > 0
          ? { health: 'ok', detail }
          : {
              health: 'warning',
              cause: 'no-peers',
              detail,
              advice: 'run `doctor` with the address of a bootnode, and with this node’s own from elsewhere',
            };
      return { verdict, status, peers: peers.map(({ id }) => id) };
    });
  } catch (error) {
    const detail = errorText(error);
    if (detail.includes('connection refused')) {
      return nobody({ health: 'skipped', detail: `none runs at ${where}` });
    }
    const advice =
      'something else holds the port, or the node hangs: compare --grpc-address, and see its log';
    return nobody({ health: 'failed', cause: 'operator-port', detail, advice });
  }
}

/** Whether the ports that a node would open are free. */
export async function portsCheck(settings: NodeSettings, isRunning: boolean): Promise<Verdict> {
  if (isRunning) return { health: 'skipped', detail: 'the node holds them' };
  const { network, system, telemetry } = settings;
  const wanted: readonly (readonly [flag: string, host: string, port: number | undefined])[] = [
    ['--libp2p', network.listenHost, network.listenPort],
    ['--grpc-address', system.grpcHost, system.grpcPort],
    ['--prometheus', telemetry.prometheusHost, telemetry.prometheusPort],
  ];
  const faults: string[] = [];
  const free: string[] = [];
  for (const [flag, host, port] of wanted) {
    if (port === undefined || port === 0) continue;
    const fault = await listenFault(host, port);
    if (fault === undefined) free.push(`${host}:${port}`);
    else faults.push(`${host}:${port} (${flag}): ${fault}`);
  }
  if (faults.length === 0) return { health: 'ok', detail: free.join(', ') || 'random ones' };
  const advice = 'end what holds the port (ss -ltnp), or choose another with the flag';
  return { health: 'failed', cause: 'ports', detail: faults.join('; '), advice };
}

async function listenFault(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return osErrorCode(error) === 'EADDRINUSE' ? 'in use' : osErrorText(error);
  } finally {
    server.close();
  }
}
