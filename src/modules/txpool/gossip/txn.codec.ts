import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { TxnSchema } from '../../../gen/v1/txpool_pb.js';

/** `v1.Txn` of a transaction in EIP-2718 form. @see polygon-edge@597a0f3 txpool/txpool.go AddTx */
export function encodeTxn(raw: Uint8Array): Uint8Array {
  return toBinary(TxnSchema, create(TxnSchema, { raw: { typeUrl: '', value: raw } }));
}

/** The transaction in EIP-2718 form, a view; empty where there is none. Throws on undecodable bytes. */
export function decodeTxn(message: Uint8Array): Uint8Array {
  return fromBinary(TxnSchema, message, { readUnknownFields: false }).raw?.value ?? new Uint8Array();
}
