const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const VALUES = new Map([...ALPHABET].map((digit, value) => [digit, value]));

/** Longest text that is decoded: the work grows with its square, and a peer ID has 53 characters. */
const MAX_TEXT = 128;

/** Base58 with Bitcoin's alphabet, as peer IDs are written. */
export function base58Encode(bytes: Uint8Array): string {
  const digits = rebase(bytes, 256, 58);
  return '1'.repeat(leading(bytes, 0)) + digits.map((value) => ALPHABET[value]).join('');
}

/** The bytes of a base58 text; undefined when it is empty, holds another character or is longer than 128. */
export function base58Decode(text: string): Uint8Array | undefined {
  if (text.length === 0 || text.length > MAX_TEXT) return undefined;
  const values: number[] = [];
  for (const digit of text) {
    const value = VALUES.get(digit);
    if (value === undefined) return undefined;
    values.push(value);
  }
  const zeros = leading(values, 0);
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...rebase(values, 58, 256)]);
}

function leading(values: ArrayLike<number>, wanted: number): number {
  let count = 0;
  while (count < values.length && values[count] === wanted) count++;
  return count;
}

/** Digits of the same number in another base, most significant first, without leading zeros. */
function rebase(values: Iterable<number>, from: number, to: number): number[] {
  const reversed: number[] = [];
  for (const value of values) {
    let carry = value;
    for (let at = 0; at < reversed.length; at++) {
      carry += (reversed[at] ?? 0) * from;
      reversed[at] = carry % to;
      carry = Math.floor(carry / to);
    }
    while (carry > 0) {
      reversed.push(carry % to);
      carry = Math.floor(carry / to);
    }
  }
  return reversed.reverse();
}
