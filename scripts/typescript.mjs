// node --import ./scripts/typescript.mjs program.ts: runs TypeScript of the project as it stands, without a build.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
