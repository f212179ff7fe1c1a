export declare const goPeerVersions: readonly string[];
export declare const goPeerBinary: string;
export declare const grpcurlBinary: string;
export default function buildGoPeer(): void;
