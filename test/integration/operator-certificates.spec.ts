import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { Code, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { System } from '../../src/gen/v1/system_pb.js';
import { Certificates, type Pair } from '../support/certificates.js';
import { runCli } from '../support/cli.js';
import { httpCall } from '../support/http-client.js';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';

const TOKEN = 'a-token-of-more-than-thirty-two-characters';
const UNREACHABLE = '/ip4/127.0.0.1/tcp/1/p2p/16Uiu2HAmAQLdECPvYyixQMWSesTJd7jbF1Q9JGVXLQM5PHRrZVy9';

describe('the operator port with certificates', () => {
  let certificates: Certificates;
  let node: TestNode;
  let ops: Pair;
  let looker: Pair;

  beforeAll(async () => {
    certificates = await Certificates.create();
    const own = await certificates.pair({ name: 'node' });
    ops = await certificates.pair({ name: 'ops' });
    looker = await certificates.pair({ name: 'looker' });
    const tls = {
      certFile: await certificates.write('cert.pem', own.cert),
      keyFile: await certificates.write('key.pem', own.key),
      clientCaFile: await certificates.write('ca.pem', certificates.ca),
      clientCertificates: 'optional' as const,
    };
    node = await TestNode.start({
      genesis: singleValidatorGenesis(aKey()),
      settings: {
        system: { tls },
        access: {
          tokenFile: await certificates.write('tokens', `admin:boss:${TOKEN}\n`, 0o600),
          loopbackRole: 'none',
          certificateRoles: ['ops=operator', 'looker=viewer'],
        },
      },
    });
  });

  afterAll(async () => {
    await node?.stop();
    await certificates?.remove();
  });

  const clients = {
    gRPC: (pair?: Pair) =>
      createGrpcTransport({
        baseUrl: `https://${node.operatorAddress}`,
        nodeOptions: { ca: certificates.ca, ...pair },
      }),
    Connect: (pair?: Pair) =>
      createConnectTransport({
        baseUrl: `https://${node.operatorAddress}`,
        httpVersion: '1.1',
        nodeOptions: { ca: certificates.ca, ...pair },
      }),
  };

  describe.each(['gRPC', 'Connect'] as const)('over %s', (protocol) => {
    const client = (pair?: Pair) => createClient(System, clients[protocol](pair));

    it('a certificate is who calls, and what they may do', async () => {
      expect((await client(ops).peersAdd({ id: UNREACHABLE })).message).toContain('ready for dialing');
      expect((await client(looker).peersList({})).peers).toEqual([]);
      await expect(client(looker).peersAdd({ id: UNREACHABLE })).rejects.toMatchObject({
        code: Code.PermissionDenied,
      });
      await expect(client().peersList({})).rejects.toMatchObject({ code: Code.Unauthenticated });
    });

    it('a stream is refused like a call', async () => {
      const events = client().subscribe({})[Symbol.asyncIterator]();
      await expect(events.next()).rejects.toMatchObject({ code: Code.Unauthenticated });
    });
  });

  describe('from the command line', () => {
    const run = (files: Record<string, string>, ...args: string[]) =>
      runCli([...args, '--grpc-address', node.operatorAddress], {
        env: { EDGEKEEPER_OPERATOR_CA_FILE: certificates.path('ca.pem'), ...files },
      });

    it('a certificate named in the environment is who calls', async () => {
      const files = {
        EDGEKEEPER_OPERATOR_CERT_FILE: await certificates.write('looker.pem', looker.cert),
        EDGEKEEPER_OPERATOR_KEY_FILE: await certificates.write('looker.key', looker.key),
      };
      expect(await run(files, 'peers', 'list')).toMatchObject({ exitCode: 0 });
      const refused = await run(files, 'peers', 'add', '--addr', UNREACHABLE);
      expect(refused).toMatchObject({ exitCode: 1 });
      expect(refused.stdout).toContain('code = PermissionDenied');
    });

    it('a token in a file named there is who calls', async () => {
      const files = { EDGEKEEPER_OPERATOR_TOKEN_FILE: await certificates.write('token', `${TOKEN}\n`) };
      expect(await run(files, 'peers', 'add', '--addr', UNREACHABLE)).toMatchObject({ exitCode: 0 });
    });

    it('without either nobody is, and a file that is not there is named', async () => {
      expect((await run({}, 'peers', 'list')).stderr).toContain('code = Unauthenticated');
      const missing = { EDGEKEEPER_OPERATOR_TOKEN_FILE: certificates.path('nowhere') };
      expect((await run(missing, 'peers', 'list')).stderr).toMatch(
        /EDGEKEEPER_OPERATOR_TOKEN_FILE: cannot read .*ENOENT/,
      );
    });
  });

  it('takes no plaintext', async () => {
    await expect(httpCall(node.operatorAddress, { body: '{}' })).rejects.toThrow();
    const [host = '', port] = node.operatorAddress.split(':');
    const socket = connectSocket(Number(port), host).on('error', () => undefined);
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await once(socket.resume(), 'close');
  });

  it('refuses to be open to the network without encryption', async () => {
    const settings = { system: { grpcHost: '0.0.0.0' } };
    const open = TestNode.start({ genesis: singleValidatorGenesis(aKey()), settings });
    await expect(open).rejects.toMatchObject({ code: 'ACCESS.PLAINTEXT_EXPOSED' });
  });
});
