const BLOCK_BYTES = 32_768;
/** Checksum (4), length (2) and type (1). */
const HEADER_BYTES = 7;
const MASK_DELTA = 0xa282ead8;
/** CRC-32C, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/**
 * Whether a log of LevelDB lost something in front of what follows: LevelDB leaves out what is damaged and takes the rest,
 * so that a transaction would be missing under later ones. Damage at the end is what a crash leaves behind; without its end
 * a log is that of an earlier time.
 * @see https://github.com/google/leveldb/blob/main/doc/log_format.md
 */
export function isLogBroken(log: Uint8Array): boolean {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  let isDamaged = false;
  for (let at = 0; at + HEADER_BYTES <= log.length; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    const length = left < HEADER_BYTES ? 0 : view.getUint16(at + 4, true);
    const end = at + HEADER_BYTES + length;
    if (left < HEADER_BYTES) {
      at += left;
    } else if (HEADER_BYTES + length <= left && end <= log.length) {
      const isWhole = view.getUint32(at, true) === masked(crc32c(log.subarray(at + 6, end)));
      if (isWhole && isDamaged) return true;
      isDamaged ||= !isWhole;
      at = end;
    } else {
      isDamaged = true;
      at += left;
    }
  }
  return false;
}

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
