const BLOCK_BYTES = 512;
const MAX_NAME_LENGTH = 99;

export interface TarEntry {
  /** ASCII, at most 99 characters. */
  readonly name: string;
  readonly content: Buffer;
}

/** An archive of plain files that only their owner may read. @see POSIX.1-1988 ustar */
export function tarFile(entries: readonly TarEntry[], modifiedMs: number): Buffer {
  const blocks = entries.flatMap(({ name, content }) => [
    header(name, content.length, modifiedMs),
    content,
    Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function header(name: string, bytes: number, modifiedMs: number): Buffer {
  if (name.length > MAX_NAME_LENGTH) throw new Error(`${name} is too long a name`);
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  block.write(name, 0, 'latin1');
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes, 124, 12);
  octal(Math.floor(modifiedMs / 1_000), 136, 12);
  block.write('        0', 148, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
