import { fromHex, toHex } from '../../src/common/bytes.js';
import { decodeHeader, encodeHeader } from '../../src/modules/blockchain/codec/header.codec.js';
import type { Header } from '../../src/modules/blockchain/ports/types.js';
import type { HeaderProof } from '../../src/modules/blockchain/proofs/proof.types.js';

/** Hex with one bit changed. */
export const flip = (hex: string, bit: number): string => {
  const bytes = bytesOf(hex);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return toHex(bytes);
};

export const bytesOf = (hex: string) => fromHex(hex) ?? new Uint8Array();

/** The same proof with one header replaced by some, or none. */
export const withHeader = (
  proof: HeaderProof,
  part: number,
  at: number,
  ...headers: string[]
): HeaderProof => ({
  ...proof,
  segments: proof.segments.map((segment, index) =>
    index === part ? segment.toSpliced(at, 1, ...headers) : segment,
  ),
});

/** The same proof with a part left out. */
export const withoutPart = (proof: HeaderProof, part: number): HeaderProof => ({
  ...proof,
  segments: proof.segments.toSpliced(part, 1),
});

/** RLP of a header with other fields. */
export const changedHeader = (hex: string, change: (header: Header) => Partial<Header>): string => {
  const header = decodeHeader(bytesOf(hex));
  return toHex(encodeHeader({ ...header, ...change(header) }));
};

/** Changes of what seals cover: field by field. */
export const CHANGED_FIELDS: Record<string, (header: Header) => Partial<Header>> = {
  parentHash: ({ parentHash }) => ({ parentHash: parentHash.toReversed() }),
  sha3Uncles: () => ({ sha3Uncles: new Uint8Array(32) }),
  miner: () => ({ miner: new Uint8Array(20).fill(7) }),
  stateRoot: ({ stateRoot }) => ({ stateRoot: stateRoot.toReversed() }),
  txRoot: () => ({ txRoot: new Uint8Array(32) }),
  receiptsRoot: () => ({ receiptsRoot: new Uint8Array(32) }),
  logsBloom: () => ({ logsBloom: new Uint8Array(256).fill(1) }),
  difficulty: ({ difficulty }) => ({ difficulty: difficulty + 1n }),
  number: ({ number }) => ({ number: number + 1 }),
  gasLimit: ({ gasLimit }) => ({ gasLimit: gasLimit + 1n }),
  gasUsed: ({ gasUsed }) => ({ gasUsed: gasUsed + 1n }),
  timestamp: ({ timestamp }) => ({ timestamp: timestamp + 1n }),
  mixHash: () => ({ mixHash: new Uint8Array(32) }),
  nonce: () => ({ nonce: new Uint8Array(8).fill(1) }),
  baseFee: ({ baseFee }) => ({ baseFee: baseFee + 1n }),
  extraData: ({ extraData }) => ({ extraData: extraData.subarray(0, -1) }),
};

/** Whole proofs that say something else than they prove. */
export function* restructured(proof: HeaderProof): Generator<readonly [string, unknown]> {
  const { segments } = proof;
  const [first = [], ...others] = segments;
  const last = segments.at(-1) ?? [];
  yield ['nothing', undefined];
  yield ['text', JSON.stringify(proof)];
  yield ['another version', { ...proof, version: 2 }];
  yield ['another chain ID', { ...proof, chainId: proof.chainId + 1 }];
  yield ['a member that is not known', { ...proof, note: 'x' }];
  yield ['no parts', { ...proof, segments: [] }];
  yield ['an empty part', { ...proof, segments: [...segments, []] }];
  yield ['a part that is text', { ...proof, segments: [...segments, '0x00'] }];
  yield ['a header that is no hex', { ...proof, segments: [[...first, '0xzz'], ...others] }];
  yield ['a header without 0x', { ...proof, segments: [[first[0]?.slice(2)], ...others] }];
  yield ['a header that is empty', { ...proof, segments: [['0x'], ...others] }];
  yield ['another start', { ...proof, segments: [last.slice(0, 1), ...segments] }];
  yield ['a start twice', { ...proof, segments: [first.slice(0, 1), ...segments] }];
  yield ['no start', { ...proof, segments: others }];
  yield ['its last part twice', { ...proof, segments: [...segments, last] }];
  yield ['its parts backwards', { ...proof, segments: [first, ...others.toReversed(), first] }];
  yield ['a last part without its parent', { ...proof, segments: [...segments.slice(0, -1), last.slice(1)] }];
  yield ['a parent alone in the end', { ...proof, segments: [...segments.slice(0, -1), last.slice(0, 1)] }];
  if (others.length > 1) {
    yield [
      'two parts in one',
      { ...proof, segments: [[...first, ...(others[0] ?? [])], ...others.slice(1)] },
    ];
  }
  for (const [part, headers] of segments.entries()) {
    for (const [at, header] of headers.entries()) {
      const name = `header ${at} of part ${part}`;
      yield [`${name} twice`, withHeader(proof, part, at, header, header)];
      yield [`${name} cut off`, withHeader(proof, part, at, header.slice(0, -2))];
      yield [`${name} with more behind`, withHeader(proof, part, at, `${header}00`)];
      const next = headers[at + 1];
      if (next === undefined) continue;
      const swapped = withHeader(withHeader(proof, part, at, next), part, at + 1, header);
      yield [`${name} after the next`, swapped];
    }
  }
}
