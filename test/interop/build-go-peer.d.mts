export declare const goPeerBinary: string;
export default function buildGoPeer(): void;
