import { encodeBytes, encodeList, encodeUint, RlpReader } from '../rlp/rlp.js';

const HASH_BYTES = 32;

/** The first item of an archive. */
export interface ArchiveMetadata {
  /** Height of the last block. */
  readonly latest: number;
  /** Its hash; wrong in archives that the Go client ended before the head. */
  readonly latestHash: Uint8Array;
}

/** RLP of `[latest, latestHash]`. @see polygon-edge@597a0f3 archive/types.go Metadata.MarshalRLPWith */
export function archiveMetadata({ latest, latestHash }: ArchiveMetadata): Uint8Array {
  return encodeList([encodeUint(latest), encodeBytes(latestHash)]);
}

/** @throws {RlpError} */
export function readMetadata(rlp: Uint8Array): ArchiveMetadata {
  const items = new RlpReader(rlp).readList();
  const metadata = { latest: items.readSafeUint(), latestHash: items.readFixed(HASH_BYTES) };
  items.expectEnd('metadata');
  return metadata;
}
