export declare const pythonPackages: string;
export declare const goClientBinary: string;
export default function buildClients(): void;
