import { describe, expect, it } from '@jest/globals';
import { parsePeerId } from '../address/peer-id.js';
import { NetworkError } from '../network.errors.js';
import { parseBootnodes } from './bootnodes.js';

const self = parsePeerId('16Uiu2HAm6XocVi7fVj7gB9WUn6euWtRvarz2shhP6jkrf67HfK7b');
const other = '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB';

describe(parseBootnodes.name, () => {
  it.each([
    { name: 'one', given: [`/ip4/1.2.3.4/tcp/1/p2p/${other}`], expected: ['/ip4/1.2.3.4/tcp/1'] },
    { name: 'not itself', given: [`/ip4/1.2.3.4/tcp/1/p2p/${self}`], expected: [] },
    { name: 'not one without transport', given: [`/p2p/${other}`], expected: [] },
    {
      name: 'the last address of a peer',
      given: [`/ip4/1.2.3.4/tcp/1/p2p/${other}`, `/ip4/1.2.3.4/tcp/2/p2p/${other}`],
      expected: ['/ip4/1.2.3.4/tcp/2'],
    },
  ])('keeps $name', ({ given, expected }) => {
    expect([...parseBootnodes(given, self).values()].map(({ transport }) => transport)).toEqual(expected);
  });

  it.each([
    { given: undefined, message: 'unable to parse bootnode data, no bootnodes specified' },
    { given: [], message: 'unable to parse bootnode data, minimum 1 bootnode is required' },
    {
      given: ['/ip4/1.2.3.4/tcp/1'],
      message:
        'unable to parse bootnode data, failed to parse bootnode /ip4/1.2.3.4/tcp/1: invalid p2p multiaddr',
    },
  ])('refuses: $message', ({ given, message }) => {
    const refused = expect(() => parseBootnodes(given, self));
    refused.toThrow(NetworkError);
    refused.toThrow(message);
  });
});
