import { existsSync } from 'node:fs';

/** Debian's; the tests download no browser. */
export const chromiumPath = '/usr/bin/chromium';

export const hasChromium = existsSync(chromiumPath);
