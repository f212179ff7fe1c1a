import { readFile, stat } from 'node:fs/promises';
import { fromHex } from '../../common/bytes.js';
import { osErrorText } from '../../common/os-error.js';
import { operatorAddress } from '../../config/operator-address.js';
import { TxnPoolOperator } from '../../gen/v1/txpool_operator_pb.js';
import { type CommandContext, usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { withService } from '../operator-client.js';
import { type CommandResult, keyValues } from '../output.js';

/** A transaction of 128 KiB as hex, and some white space. */
const MAX_FILE_BYTES = 300 * 1_024;

/** `txpool add`: hands a signed transaction to a node. */
export async function txpoolAdd({ clock, env }: CommandContext, given: Given): Promise<CommandResult> {
  const value = fromHex((await givenHex(given)).trim());
  if (value === undefined || value.length === 0)
    throw usageError('failed to parse transaction: not hex of whole bytes');
  const node = operatorAddress(textOf(given, 'grpc-address'), env);
  const request = { raw: { typeUrl: '', value }, from: textOf(given, 'from') };
  const { txHash, notJudged } = await withService(TxnPoolOperator, node, clock, (client) =>
    client.addTxn(request),
  );
  return {
    text: `\n[TXPOOL ADD]\n${keyValues([
      ['Transaction hash', txHash],
      ['Not judged', notJudged.join(', ')],
    ])}\n`,
    json: { tx_hash: txHash, not_judged: notJudged },
  };
}

async function givenHex(given: Given): Promise<string> {
  const [raw, file] = [given.raw, given.file];
  if ((raw === undefined) === (file === undefined)) throw usageError('either --raw or --file must be given');
  if (file === undefined) return String(raw);
  try {
    const { size } = await stat(String(file));
    if (size <= MAX_FILE_BYTES) return await readFile(String(file), 'utf8');
  } catch (error) {
    throw usageError(`failed to read transaction: ${osErrorText(error)}`);
  }
  throw usageError('failed to read transaction: the file is larger than any transaction');
}
