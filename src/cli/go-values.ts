const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_UINT256 = 2n ** 256n - 1n;

/** A duration as Go writes one (`2s`, `1m30s`, `1.5h`), ms; undefined for anything else, negative ones included. */
export function goDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/gy;
  let total = 0;
  let end = 0;
  for (const match of text.matchAll(part)) {
    total += Number(match[1]) * (UNITS_MS[match[2] ?? ''] ?? 0);
    end = match.index + match[0].length;
  }
  return end > 0 && end === text.length ? total : undefined;
}

/** A number in decimal or 0x hex; undefined for what does not fit. @see polygon-edge@597a0f3 helper/common/common.go ParseUint64orHex */
export function goUint64(text: string): bigint | undefined {
  return wholeNumber(text, MAX_UINT64);
}

export function goUint256(text: string): bigint | undefined {
  return wholeNumber(text, MAX_UINT256);
}

function wholeNumber(text: string, max: bigint): bigint | undefined {
  if (!/^(\d{1,80}|0x[0-9a-fA-F]{1,64})$/.test(text)) return undefined;
  const number = BigInt(text);
  return number <= max ? number : undefined;
}
