/** A number as JSON-RPC writes it: hex with 0x and without zeros in front. */
export const quantity = (value: number | bigint): string => `0x${value.toString(16)}`;
